"""What is said of every model of a profile."""

from dataclasses import dataclass

from madang.contract import Model
from madang.models.part import parts_of
from madang.models.presence import Presence, State, find
from madang.models.record import verified
from madang.settings import Settings

UNPROVEN = "not verified on real weights"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Hold one model of a listing; sizes are in bytes."""

    name: str
    backend: str
    parts: tuple[Presence, ...]
    verified: str
    licence: str
    restriction: str
    accepted: bool

    @property
    def state(self) -> State:
        """Return the state of the part that is furthest from being there."""
        states = {each.state for each in self.parts}
        return next((bad for bad in ("missing", "partial") if bad in states), "present")

    @property
    def bytes(self) -> int:
        """Return what its files take on disk."""
        return sum(each.bytes for each in self.parts)


def rows_of(settings: Settings) -> list[Row]:
    """List the models of a profile; nothing goes to the network."""
    return [_row(settings, name, model) for name, model in settings.models.items()]


def verification(name: str, model: Model) -> str:
    """Say when a model was verified, or that it was not.

    Empty where there is nothing to verify: another backend's model, or one that a Python package
    brings along.
    """
    if all(part.kind == "package" for part in parts_of(name, model)):
        return ""
    entry = verified(name, model)
    return entry.words if entry else UNPROVEN


def _row(settings: Settings, name: str, model: Model) -> Row:
    return Row(
        name=name,
        backend=model.backend,
        parts=tuple(find(part) for part in parts_of(name, model)),
        verified=verification(name, model),
        licence=model.licence,
        restriction=model.restriction,
        accepted=not model.restriction or name in settings.accept_licences,
    )
