"""The GPU memory that one model needs: measured where its files are here, else computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from madang.contract import Model
from madang.errors import ModelNotLoaded
from madang.inference.fit import QUANTISATIONS
from madang.inference.memory import Need as Counted
from madang.inference.memory import count_numbers, measure
from madang.models.checks.config import read_json
from madang.models.facts import Facts, facts_for
from madang.models.part import parts_of
from madang.models.presence import Presence, find
from madang.models.sizes import Shape

Origin = Literal["measured", "computed", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Need:
    """Hold what one model takes, in bytes; `kv` is for `tokens` of context.

    `weights` and what `choices` give for each quantisation are with the adapters. Nothing is
    known of a model that is neither here nor among the facts: its origin is `unknown`; adapters
    of which nothing is known are `uncounted`.
    """

    name: str
    quantisation: str
    origin: Origin
    weights: int = 0
    kv: int = 0
    tokens: int = 0
    choices: Mapping[str, int] = field(default_factory=dict)
    uncounted: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Return weights and KV cache together."""
        return self.weights + self.kv


def need_of(name: str, model: Model, tokens: int = 0) -> Need:
    """Reckon what a model takes with `tokens` of context, 0 for all that it may have."""
    found = [find(part) for part in parts_of(name, model)]
    facts = facts_for(name, model)
    measured = _measured(name, found[0])
    shape = _shape(found[0], facts)
    counted = measured or (shape.need if shape else None)
    if counted is None:
        return Need(name=name, quantisation=model.quantisation, origin="unknown")
    # Adapters are loaded in the dtype of their base.
    width = 4 if model.dtype == "float32" else 2
    numbers = {each.part.role: _adapter(each, shape, facts) for each in found if each.part.adapter}
    adapters = width * sum(each or 0 for each in numbers.values())
    choices: dict[str, int] = {
        each: counted.weights(each, width) + adapters for each in QUANTISATIONS
    }
    context = min(filter(None, (tokens, model.context or counted.context)), default=0)
    return Need(
        name=name,
        quantisation=model.quantisation,
        origin="measured" if measured else "computed",
        weights=choices[model.quantisation],
        kv=width * counted.kv_numbers * context,
        tokens=context,
        choices=choices,
        uncounted=tuple(role for role, each in numbers.items() if each is None),
    )


def _shape(base: Presence, facts: Facts | None) -> Shape | None:
    config = read_json(base.folder / "config.json") if base.folder else {}
    for each in (config, facts.config if facts else {}):
        try:
            return Shape.of(each)
        except ValueError:
            continue
    return None


def _measured(name: str, base: Presence) -> Counted | None:
    if base.folder is None or base.missing:
        return None
    try:
        return measure(name, base.folder)
    except ModelNotLoaded:
        return None


def _adapter(found: Presence, shape: Shape | None, facts: Facts | None) -> int | None:
    """Count the numbers of an adapter; None when nothing is known of it."""
    if found.folder is not None and not found.missing:
        return count_numbers(found.part.model, found.folder)
    known = facts.adapters.get(found.part.source) if facts else None
    return (
        shape.adapter_numbers(known.rank, known.targets) if shape and known and known.rank else None
    )
