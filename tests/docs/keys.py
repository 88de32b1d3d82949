"""Every key of a profile and of a `persona.toml`, read off the tables in the code."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, UnsetType

from madang.filters.wordlist import WordListTable
from madang.persona.toml import PersonaTable
from madang.settings import ModeSettings, PersonaSettings, SamplingOverride, Settings

HOMES = {
    PersonaSettings: "personas.PERSONA",
    ModeSettings: "personas.PERSONA.modes.MODE",
    SamplingOverride: "personas.PERSONA.sampling",
}
"""Where a table that stands in several places is described; elsewhere it is referred to."""

ENTRIES = {"text": "LOCALE"}
"""How the entries of a table are called, where it is not its own name in the singular."""

PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", object: "anything"}


class Key(NamedTuple):
    """Hold a key as the reference spells it: dotted, its type in words, its default in TOML."""

    name: str
    kind: str
    default: str


def profile_keys() -> list[Key]:
    """List the keys of a whole profile, those of a filter and of the word list included."""
    reserved = [
        Key("filters.FILTER.enabled", "boolean", "false"),
        Key("filters.FILTER.kind", "string", "the table's name"),
    ]
    return [*_keys(Settings, ()), *reserved, *_keys(WordListTable, ("filters", "FILTER"))]


def persona_keys() -> list[Key]:
    """List the keys of a `persona.toml`."""
    return list(_keys(PersonaTable, ()))


def _keys(struct: type[msgspec.Struct], path: tuple[str, ...]) -> Iterator[Key]:
    for field in msgspec.structs.fields(struct):
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        yield from _key(field.type, default, (*path, field.encode_name))


def _key(kind: Any, default: object, path: tuple[str, ...]) -> Iterator[Key]:
    name = ".".join(path)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        home = HOMES.get(kind, name)
        yield from [Key(name, f"table, as {home}", "–")] if home != name else _keys(kind, path)
    elif get_origin(kind) is dict:
        entry = get_args(kind)[1]
        if path != ("filters",):
            placeholder = ENTRIES.get(path[-1], path[-1].removesuffix("s").upper())
            yield from _key(entry, UNSET, (*path, placeholder))
    else:
        yield Key(name, spoken(kind), toml(default))


def spoken(kind: Any) -> str:
    """Say a type in words."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return spoken(inner[0]) + "".join(map(_bounds, inner[1:]))
    if origin in (Union, types.UnionType):
        members = [each for each in inner if each not in (UnsetType, types.NoneType)]
        return " or ".join(map(spoken, members))
    if origin is Literal:
        return ", ".join(map(toml, inner))
    if origin is tuple:
        return f"list of {spoken(inner[0])}s"
    return PLAIN[kind]


def _bounds(meta: Meta) -> str:
    least = f" from {_number(meta.ge)}" if meta.ge is not None else ""
    least = f" above {_number(meta.gt)}" if meta.gt is not None else least
    return least + (f" to {_number(meta.le)}" if meta.le is not None else "")


def _number(value: float) -> str:
    return f"{value:,}"


def toml(value: object) -> str:
    """Write a default as TOML; a dash where there is none."""
    if value is None or value is UNSET:
        return "–"
    if value is msgspec.NODEFAULT:
        return "required"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    return str(value)
