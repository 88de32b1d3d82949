"""Reading a raw table into a struct, with errors that name the file, the key and the remedy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from madang.errors import MadangError, SettingsError, nearest
from madang.toml.keys import KeyPath, Origin, dotted, wrong
from madang.toml.kinds import Kind, kind_of

T = TypeVar("T")

SPOT = re.compile(r" - at `(?:\$\[(?P<item>\d+)\])?[^`]*`.*$")
WORDS = {"object": "table", "str": "string", "int": "integer", "bool": "boolean"}
"""What TOML calls the types that msgspec names otherwise."""


def read_table(
    table: Mapping[str, object],
    struct: type[T],
    origin: Origin,
    error: type[MadangError] = SettingsError,
) -> T:
    """Read `table` as `struct`; `error` for a key that is unknown or missing, or a wrong value."""
    read: T = _Reader(origin, error).value(table, struct, ())
    return read


@dataclass(frozen=True)
class _Reader:
    """Convert values one by one, the inner ones first: msgspec alone says `$.forms[...]`."""

    origin: Origin
    error: type[MadangError]

    def value(self, value: object, annotation: Any, path: KeyPath) -> Any:
        kind = kind_of(annotation)
        if kind.is_table and isinstance(value, Mapping):
            value = self.table(value, kind, path)
        try:
            return msgspec.convert(value, annotation)
        except msgspec.ValidationError as why:
            known = f"Known: {', '.join(map(repr, kind.words))}." if kind.words else ""
            raise self.wrong(path, f"{_plain(str(why))}.", known) from why

    def table(self, table: Mapping[str, object], kind: Kind, path: KeyPath) -> dict[str, object]:
        kinds = dict.fromkeys(table, kind.entries) if kind.fields is None else kind.fields
        for key in table:
            if key not in kinds:
                raise self.wrong((*path, key), "unknown key.", nearest(key, kinds))
        read = {key: self.value(table[key], kinds[key], (*path, key)) for key in table}
        for key in kind.required:
            if key not in table:
                where = f" to [{dotted(path)}]" if path else ""
                raise self.wrong((*path, key), "is missing.", f"Add {key}{where}.")
        return read

    def wrong(self, path: KeyPath, what: str, hint: str) -> MadangError:
        return wrong(self.origin, path, what, hint, self.error)


def _plain(message: str) -> str:
    """Turn msgspec's words into TOML's; ``- at `$[0]` `` becomes `(item 1)`."""
    words, spot = re.sub(SPOT, "", message), SPOT.search(message)
    words = re.sub(
        r"`(.*?)`", lambda kinds: _named(kinds[1]), words.replace("enum value", "value", 1)
    )
    item = spot and spot["item"]
    return words[:1].lower() + words[1:] + (f" (item {int(item) + 1})" if item else "")


def _named(kinds: str) -> str:
    kinds = kinds.replace(" | null", "").replace(" | ", " or ")
    return re.sub(r"\w+", lambda kind: WORDS.get(kind[0], kind[0]), kinds)
