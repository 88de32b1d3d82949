"""One entity: a style on a part of a text."""

from dataclasses import dataclass
from typing import Any

from madang.testing.telegram.wire import Json, bad_request


@dataclass(frozen=True)
class Entity:
    """Say how a part of a text looks; offset and length are in UTF-16 code units."""

    kind: str
    offset: int
    length: int
    url: str = ""
    language: str = ""
    custom_emoji_id: str = ""
    user: int = 0

    @property
    def end(self) -> int:
        """Return the offset behind it."""
        return self.offset + self.length

    @classmethod
    def read(cls, raw: Any) -> "Entity":
        """Read one from JSON."""
        if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
            raise bad_request("can't parse entities: expected an object with a type")
        places = [raw.get("offset"), raw.get("length")]
        if not all(type(place) is int for place in places):
            raise bad_request("can't parse entities: offset and length must be numbers")
        return cls(
            raw["type"],
            raw["offset"],
            raw["length"],
            url=str(raw.get("url", "")),
            language=str(raw.get("language", "")),
            custom_emoji_id=str(raw.get("custom_emoji_id", "")),
            user=int((raw.get("user") or {}).get("id", 0)),
        )

    def payload(self) -> Json:
        """Return it as it travels."""
        body: Json = {"type": self.kind, "offset": self.offset, "length": self.length}
        extra = {
            "url": self.url,
            "language": self.language,
            "custom_emoji_id": self.custom_emoji_id,
        }
        body |= {key: value for key, value in extra.items() if value}
        if self.user:
            body["user"] = {"id": self.user, "is_bot": False, "first_name": str(self.user)}
        return body
