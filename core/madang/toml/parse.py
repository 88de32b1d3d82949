"""From TOML text to a raw table."""

import re
import tomllib
from typing import Any

from madang.errors import MadangError, SettingsError
from madang.toml.keys import SECRET

SPOT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def parse(text: str, file: str, error: type[MadangError] = SettingsError) -> dict[str, Any]:
    """Parse TOML; `error` gives the file, the line, the column, and the line itself as a hint."""
    try:
        return tomllib.loads(text)
    except RecursionError as why:
        raise error(f"{file}: is nested too deeply.") from why
    except ValueError as why:  # of tomllib, or of a number with thousands of digits
        raise error(*_broken(text, file, str(why))) from why


def position(before: str) -> tuple[int, int]:
    """Return the line and column, both from 1, of what follows `before`."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _broken(text: str, file: str, words: str) -> tuple[str, str]:
    # Before Python 3.14 only tomllib's words give the position.
    spot = SPOT.search(words)
    if spot is None:
        return f"{file}: {words}.", "The file must be TOML."
    line, column = map(int, spot.groups()) if spot[1] else position(text.rstrip("\n"))
    shown = text.split("\n")[line - 1].strip()
    hint = f"Look at: {shown}" if shown and not SECRET.search(shown) else ""
    return f"{file}:{line}:{column}: {words[: spot.start()]}.", hint
