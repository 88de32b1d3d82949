"""What kind of value a key takes, read off the tables' own annotations."""

import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import UnsetType

UNIONS = (Union, types.UnionType)


@dataclass(frozen=True)
class Kind:
    """Describe a key: `fields` for a table with fixed keys, `entries` for one with free keys."""

    annotation: Any
    fields: dict[str, Any] | None = None
    required: tuple[str, ...] = ()
    entries: Any = None

    @property
    def is_table(self) -> bool:
        """Say whether keys stand below this one."""
        return self.fields is not None or self.entries is not None

    @property
    def words(self) -> list[str]:
        """List the words that the key may hold, where its annotation says which."""
        members = get_args(self.annotation) if get_origin(self.annotation) in UNIONS else ()
        literals = [each for each in members or (self.annotation,) if get_origin(each) is Literal]
        return [word for each in literals for word in get_args(each)]


def kind_of(annotation: Any) -> Kind:
    """Read an annotation such as `dict[str, Model]` or `PersonaSettings | UnsetType`."""
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        fields = msgspec.structs.fields(bare)
        return Kind(
            annotation,
            fields={field.encode_name: field.type for field in fields},
            required=tuple(field.encode_name for field in fields if field.required),
        )
    if get_origin(bare) is dict:
        return Kind(annotation, entries=get_args(bare)[1])
    return Kind(annotation)


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in UNIONS:
        members = [m for m in get_args(annotation) if m not in (UnsetType, types.NoneType)]
        return _bare(members[0]) if len(members) == 1 else annotation
    return annotation
