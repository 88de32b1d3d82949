"""Entities: the styles of a text, checked and kept as the service keeps them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from madang.testing.telegram.detect import FOUND, found_in
from madang.testing.telegram.entity import Entity
from madang.testing.telegram.text import cleaned, middles, part, units
from madang.testing.telegram.wire import bad_request

MOST = 100
GIVEN = {
    *("bold", "italic", "underline", "strikethrough", "spoiler"),
    *("blockquote", "expandable_blockquote", "code", "pre"),
    *("text_link", "text_mention", "custom_emoji", "date_time"),
}
CODE = {"code", "pre"}
QUOTES = {"blockquote", "expandable_blockquote"}
LINKS = ("http://", "https://", "tg://", "ton://", "mailto:", "tel:")


@dataclass(frozen=True)
class Styled:
    """Hold a text as everybody sees it; `dropped` are the entities that nobody will see."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    dropped: tuple[Entity, ...] = ()

    def styled(self, kind: str) -> list[str]:
        """List the parts of the text that carry a style."""
        spans = (entity for entity in self.entities if entity.kind == kind)
        return [part(self.text, span.offset, span.length) for span in spans]


def style(text: str, entities: Sequence[Entity] = ()) -> Styled:
    """Check entities against their text, as written by the sender, and return both as kept.

    Crossing entities are refused, where the live service splits them: whoever sends them did not
    mean it.
    """
    _check_places(text, entities)
    kept, places = cleaned(text)
    moved = [entity for entity in _moved(entities, places) if entity.length > 0]
    _check_crossing(moved)
    good = [entity for entity in moved if not _is_void(entity, moved)]
    seen = [*good, *_found(kept, good)]
    ordered = sorted(seen, key=lambda entity: (entity.offset, -entity.length))
    lost = [entity for entity in moved if entity not in good and entity.kind not in FOUND]
    return Styled(kept, tuple(ordered[:MOST]), (*lost, *ordered[MOST:]))


def read(raw: Iterable[Any]) -> list[Entity]:
    """Read entities from JSON."""
    return [Entity.read(item) for item in raw]


def _check_places(text: str, entities: Sequence[Entity]) -> None:
    length, halves = (units(text), middles(text)) if entities else (0, frozenset[int]())
    for entity in entities:
        if entity.kind not in GIVEN | FOUND:
            raise bad_request(f"can't parse entities: unsupported type {entity.kind!r}")
        if entity.offset < 0 or entity.length < 0 or entity.end > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the "
                f"text at UTF-16 offset {entity.end}"
            )
        if {entity.offset, entity.end} & halves:
            raise bad_request(f"entity at UTF-16 offset {entity.offset} cuts a UTF-16 symbol")


def _moved(entities: Iterable[Entity], places: list[int] | None) -> list[Entity]:
    if places is None:
        return list(entities)
    return [
        replace(
            entity,
            offset=places[entity.offset],
            length=places[entity.end] - places[entity.offset],
        )
        for entity in entities
    ]


def _check_crossing(entities: Sequence[Entity]) -> None:
    open_ends: list[int] = []
    for entity in sorted(entities, key=lambda entity: (entity.offset, -entity.length)):
        while open_ends and open_ends[-1] <= entity.offset:
            open_ends.pop()
        if open_ends and entity.end > open_ends[-1]:
            raise bad_request(f"entity at UTF-16 offset {entity.offset} crosses another entity")
        open_ends.append(entity.end)


def _is_void(entity: Entity, others: Sequence[Entity]) -> bool:
    if entity.kind in FOUND:
        return True
    if entity.kind == "text_link" and not entity.url.startswith(LINKS) and "." not in entity.url:
        return True
    outer = [other for other in others if _is_around(other, entity)]
    if any(other.kind in CODE for other in outer):
        return True
    return entity.kind in QUOTES and any(other.kind in QUOTES for other in outer)


def _is_around(other: Entity, entity: Entity) -> bool:
    """Say whether one is around another; of two of the same extent a quote is around the other."""
    if (other.offset, other.end) == (entity.offset, entity.end):
        return other is not entity and (entity.kind not in QUOTES or other.kind in QUOTES)
    return other.offset <= entity.offset and entity.end <= other.end


def _found(text: str, taken: Sequence[Entity]) -> list[Entity]:
    closed = [entity for entity in taken if entity.kind in {*CODE, "text_link", "text_mention"}]
    return [
        found
        for found in found_in(text)
        if not any(found.offset < other.end and other.offset < found.end for other in closed)
    ]
