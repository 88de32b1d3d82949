"""Settings given by the environment: `MADANG__PERSONAS__SLANG_FRIEND__ENABLED=false`.

Two underscores stand for the dot of a key. Case does not matter, and whatever a variable name
cannot hold is written `_`: `MADANG__PLACES__DISCORD_1__ENABLED` means `places."discord/1"`.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from madang.errors import SettingsError, nearest
from madang.settings.profile import Settings
from madang.toml import KeyPath, Kind, kind_of

PREFIX = "MADANG__"
WORDS = {"yes": True, "on": True, "1": True, "no": False, "off": False, "0": False}

Table = dict[str, Any]


def override(table: Table, environ: Mapping[str, str]) -> dict[KeyPath, str]:
    """Write the variables of `environ` into `table`; return which path came from which."""
    origins: dict[KeyPath, str] = {}
    for variable in sorted(name for name in environ if name.upper().startswith(PREFIX)):
        path, kind = _locate(variable, table)
        _write(table, path, _parse(environ[variable], kind), variable)
        origins[path] = variable
    return origins


def _locate(variable: str, table: Table) -> tuple[KeyPath, Kind]:
    path: KeyPath = ()
    kind, here = kind_of(Settings), table
    for segment in variable[len(PREFIX) :].split("__"):
        name = _name(variable, segment, kind, here)
        path = (*path, name)
        here = _below(here, name)
        kind = kind_of(kind.entries if kind.fields is None else kind.fields[name])
    return path, kind


def _name(variable: str, segment: str, kind: Kind, here: Table) -> str:
    known = here if kind.fields is None else kind.fields
    for name in known:
        if _spelled(name) == _spelled(segment):
            return name
    # A table with free keys takes a new one, such as that of a persona the profile leaves out.
    if kind.entries is not None and segment:
        return segment.lower()
    raise SettingsError(
        f"Environment variable {variable}: there is no setting '{segment.lower()}'.",
        nearest(segment.lower(), known) if kind.is_table else "The key before it holds a value.",
    )


def _spelled(name: str) -> str:
    return re.sub(r"\W", "_", name).casefold()


def _below(table: Table, name: str) -> Table:
    inner = table.get(name)
    return inner if isinstance(inner, dict) else {}


def _write(table: Table, path: KeyPath, value: object, variable: str) -> None:
    for name in path[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise SettingsError(f"Environment variable {variable}: '{name}' is no table.")
    table[path[-1]] = value


def _parse(text: str, kind: Kind) -> object:
    """Read `text` as the first thing that the setting takes, or leave it for the check."""
    values = list(_readings(text))
    if kind.is_table:
        return values[0]
    return next(_fitting(values, kind.annotation), values[0])


def _fitting(values: Iterable[object], annotation: Any) -> Iterator[object]:
    for value in values:
        try:
            msgspec.convert(value, annotation)
        except msgspec.ValidationError:
            continue
        yield value


def _readings(text: str) -> Iterator[object]:
    try:
        value = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        value = {}
    # More than one key means that the text broke out of its line.
    if value.keys() == {"value"}:
        yield value["value"]
    yield text
    word = text.strip().casefold()
    if word in ("true", "false", *WORDS):
        yield WORDS.get(word, word == "true")
    yield [item for item in map(str.strip, text.split(",")) if item]
