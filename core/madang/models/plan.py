"""What fits on a GPU at once, and what can only be there in place of something else."""

from collections.abc import Sequence
from dataclasses import dataclass

from madang.inference.memory import RUN_TIME
from madang.models.needs import Need, need_of
from madang.models.part import parts_of
from madang.settings import Settings

RUNTIME = RUN_TIME
"""Bytes that CUDA, its kernels and what is computed take, once for a process."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Divide the models of a profile for a GPU with `vram` bytes.

    `together` fit at once. Each of `in_turn` fits when those named beside it have left. `too_big`
    do not fit alone. `unknown` could not be reckoned, `elsewhere` are not served here.
    """

    vram: int
    together: tuple[Need, ...]
    in_turn: tuple[tuple[Need, tuple[str, ...]], ...]
    too_big: tuple[Need, ...]
    unknown: tuple[str, ...]
    elsewhere: tuple[str, ...]

    @property
    def used(self) -> int:
        """Return the bytes that those together take, the run time included."""
        return RUNTIME + sum(each.bytes for each in self.together)

    @property
    def needs(self) -> tuple[Need, ...]:
        """List the models that were reckoned, the largest last."""
        return (*self.together, *(need for need, _ in self.in_turn), *self.too_big)


def plan(settings: Settings, vram: int, tokens: int = 0) -> Plan:
    """Plan for a GPU with `vram` bytes; as many models as possible are to be there at once.

    `tokens` is the context to reckon with for each model, 0 for all that it may have.
    """
    models = settings.models
    local = {name: model for name, model in models.items() if parts_of(name, model)}
    needs = [need_of(name, model, tokens) for name, model in local.items()]
    known = sorted((need for need in needs if need.origin != "unknown"), key=lambda n: n.bytes)
    together = _together(known, vram)
    others = known[len(together) :]
    return Plan(
        vram=vram,
        together=tuple(together),
        in_turn=tuple(
            (need, _leaving(need, together, vram)) for need in others if _fits([need], vram)
        ),
        too_big=tuple(need for need in others if not _fits([need], vram)),
        unknown=tuple(need.name for need in needs if need.origin == "unknown"),
        elsewhere=tuple(name for name in models if name not in local),
    )


def _together(needs: Sequence[Need], vram: int) -> list[Need]:
    """Take the smallest ones as long as they fit."""
    count = next((end for end in range(len(needs), 0, -1) if _fits(needs[:end], vram)), 0)
    return list(needs[:count])


def _leaving(need: Need, together: Sequence[Need], vram: int) -> tuple[str, ...]:
    """Name who must leave for a model to come: the one that suffices, or the largest ones."""
    for each in together:
        if _fits([need, *(other for other in together if other is not each)], vram):
            return (each.name,)
    stay = list(together)
    while not _fits([need, *stay], vram):
        stay.pop()
    return tuple(each.name for each in together if each not in stay)


def _fits(needs: Sequence[Need], vram: int) -> bool:
    return RUNTIME + sum(each.bytes for each in needs) <= vram
