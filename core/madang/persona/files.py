"""The files of one persona, and whether any of them changed since it was read."""

from pathlib import Path

from madang.errors import PersonaError
from madang.toml import Stamp, read_text, stamp


class WatchedFiles:
    """Read text files of a folder and remember what they looked like."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._stamps: dict[Path, Stamp] = {}

    @property
    def changed(self) -> bool:
        """Say whether a file that was read differs by now, or nothing was read yet."""
        if not self._stamps:
            return True
        return any(stamp(path) != seen for path, seen in self._stamps.items())

    def forget(self) -> None:
        """Begin anew, before the files are read again."""
        self._stamps.clear()

    def text(self, name: str) -> str:
        """Return a file's text; `PersonaError` when it lies outside the folder or is no text."""
        path = self.root / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            message = f"{self.root}: '{name}' lies outside the persona's folder."
            raise PersonaError(message, "Move the file into it.")
        # Before reading: a write in between then shows as a change.
        self._stamps[path] = stamp(path)
        return read_text(path, PersonaError)
