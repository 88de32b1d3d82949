"""Deleting a model from the cache of the hub; folders and packages are never touched."""

from collections.abc import Mapping
from dataclasses import dataclass

from madang.contract import Model
from madang.models import hub
from madang.models.cache import bytes_on_disk, repository_dir
from madang.models.part import Part, parts_of


@dataclass(frozen=True, kw_only=True)
class Removal:
    """Say what removing a model deletes, and what it keeps and why."""

    parts: tuple[Part, ...]
    kept: tuple[tuple[Part, str], ...]

    @property
    def bytes(self) -> int:
        """Return what the repositories take on disk, other revisions of them included."""
        return sum(map(bytes_on_disk, {part.source for part in self.parts}))


def plan_removal(name: str, models: Mapping[str, Model]) -> Removal:
    """Choose what can go: what another model of the profile uses stays."""
    used = {
        (part.source, part.revision): other
        for other, model in models.items()
        if other != name
        for part in parts_of(other, model)
    }
    parts, kept = [], []
    for part in parts_of(name, models[name]):
        if part.kind != "hub":
            kept.append((part, f"a {part.kind} of yours"))
        elif (part.source, part.revision) in used:
            kept.append((part, f"model '{used[part.source, part.revision]}' uses it as well"))
        elif repository_dir(part.source).is_dir():
            parts.append(part)
    return Removal(parts=tuple(parts), kept=tuple(kept))


def remove(removal: Removal) -> int:
    """Delete and return the bytes that were freed."""
    return sum(hub.delete(part) for part in removal.parts)
