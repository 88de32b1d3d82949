"""Keys as TOML spells them, and errors that name one."""

import re
from collections.abc import Callable

from madang.errors import MadangError, SettingsError

KeyPath = tuple[str, ...]

Origin = Callable[[KeyPath], str]
"""Names where the value at a path was written: a file or an environment variable."""

SECRET = re.compile(r"token|secret|password|api_?key", re.IGNORECASE)
"""What the name of a key says whose value nobody is to see."""

BARE = re.compile(r"[A-Za-z0-9_-]+")


def dotted(path: KeyPath) -> str:
    """Spell a path as TOML does, with quotes where a key needs them."""
    return ".".join(key if BARE.fullmatch(key) else quoted(key) for key in path)


def quoted(text: str) -> str:
    """Write a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m[0]):04x}", escaped) + '"'


def wrong(
    origin: Origin,
    path: KeyPath,
    what: str,
    hint: str = "",
    error: type[MadangError] = SettingsError,
) -> MadangError:
    """Word an error about the value at `path`; the empty path is the whole table."""
    return error(": ".join(filter(None, (origin(path), dotted(path), what))), hint)
