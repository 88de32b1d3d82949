"""How levels of settings become one: the narrower level wins, field by field."""

from typing import TypeVar

import msgspec
from msgspec import UNSET

from madang.settings.tables import PersonaSettings

T = TypeVar("T")


def merged(wide: T, narrow: T) -> T:
    """Return `wide` with everything that `narrow` says."""
    result: object = narrow
    if narrow is UNSET:
        result = wide
    elif isinstance(wide, msgspec.Struct) and isinstance(narrow, msgspec.Struct):
        result = _merged_struct(wide, narrow)
    elif isinstance(wide, dict) and isinstance(narrow, dict):
        result = _merged_dict(wide, narrow)
    return result  # type: ignore[return-value]  # each branch keeps the type of its inputs


def merged_persona(wide: PersonaSettings, narrow: PersonaSettings) -> PersonaSettings:
    """Merge two levels of one persona; naming a model lets go of the wider level's adapters.

    An adapter belongs to one model, and its name means nothing to another.
    """
    if narrow.model not in (UNSET, wide.model):
        wide = _without_adapters(wide)
    return merged(wide, narrow)


def _merged_struct(wide: msgspec.Struct, narrow: msgspec.Struct) -> msgspec.Struct:
    fields = type(wide).__struct_fields__
    return msgspec.structs.replace(
        wide, **{name: merged(getattr(wide, name), getattr(narrow, name)) for name in fields}
    )


def _merged_dict(wide: dict[str, T], narrow: dict[str, T]) -> dict[str, T]:
    both = {key: merged(wide[key], narrow[key]) for key in narrow if key in wide}
    return {**wide, **narrow, **both}


def _without_adapters(table: PersonaSettings) -> PersonaSettings:
    modes = {
        name: mode if mode.model is not UNSET else msgspec.structs.replace(mode, adapter=UNSET)
        for name, mode in table.modes.items()
    }
    return msgspec.structs.replace(table, adapter=UNSET, modes=modes)
