"""What a person typed before, kept in a file that only they can read."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory


class TypedHistory(FileHistory):
    """Keep what was typed; a full disk or a read-only folder costs the record, not the chat."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def load_history_strings(self) -> Iterable[str]:
        """Read what was typed before, newest first."""
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Append what was typed."""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            super().store_string(string)

    def emptied(self) -> "TypedHistory":
        """Delete the record and return a new one."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        return TypedHistory(self.path)
