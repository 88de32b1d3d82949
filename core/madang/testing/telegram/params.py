"""The parameters of a call, however they travelled: query, form, JSON or multipart."""

import json
from collections.abc import Mapping
from typing import Any

from madang.testing.telegram.attachments import Attachment
from madang.testing.telegram.wire import Json, bad_request


class Params:
    """Read parameters by name and type, and remember which nobody read."""

    def __init__(
        self, values: Mapping[str, Any], files: Mapping[str, Attachment] | None = None
    ) -> None:
        self.values = values
        self._files = files or {}
        self._read: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self._files

    @property
    def unread(self) -> list[str]:
        """List what was sent and means nothing to the method."""
        return sorted(set(self.values) - self._read)

    def ignore(self, *names: str) -> None:
        """Accept parameters that change nothing here."""
        self._read.update(names)

    def value(self, name: str) -> Any:
        """Return a value as it travelled, None where it is absent."""
        self._read.add(name)
        return self.values.get(name)

    def text(self, name: str) -> str:
        """Return a text, empty where it is absent."""
        found = self.value(name)
        text = "" if found is None else str(found)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
        return text

    def integer(self, name: str, default: int = 0) -> int:
        """Return a number."""
        found = self.text(name)
        if not found:
            return default
        try:
            return int(found)
        except ValueError:
            raise bad_request(f'parameter "{name}" must be an integer') from None

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return self.text(name).lower() in ("true", "1", "yes")

    def json(self, name: str) -> Any:
        """Return an object or array; in forms it travels as JSON in a string."""
        found = self.value(name)
        if not isinstance(found, str):
            return found
        try:
            return json.loads(found) if found else None
        except ValueError:
            raise bad_request(f"can't parse {name}: can't parse as JSON object") from None

    def object(self, name: str) -> Json:
        """Return an object, empty where it is absent."""
        found = self.json(name)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise bad_request(f"can't parse {name}: expected an object")
        return found

    def array(self, name: str) -> list[Any]:
        """Return an array, empty where it is absent."""
        found = self.json(name)
        if found is None:
            return []
        if not isinstance(found, list):
            raise bad_request(f"can't parse {name}: expected an array")
        return found

    def upload(self, name: str) -> Attachment | str:
        """Return an uploaded file, or the text that names one."""
        if name in self._files:
            return self._files[name]
        found = self.text(name)
        if found.startswith("attach://"):
            found = found.removeprefix("attach://")
            if found not in self._files:
                raise bad_request("attached file not found")
            return self._files[found]
        return found
