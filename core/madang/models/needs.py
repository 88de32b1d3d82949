"""The GPU memory that one model needs: measured where its files are here, else computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from madang.contract import Model
from madang.models.checks.config import read_json
from madang.models.facts import Facts, facts_for
from madang.models.part import parts_of
from madang.models.presence import Presence, find, weight_files
from madang.models.sizes import DTYPES, Shape, Weights, counted, read_header

QUANTISATIONS = ("none", "int8", "nf4")
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
    base = found[0]
    config = read_json(base.folder / "config.json") if base.folder else {}
    shape = _shape(config, facts)
    weights = _measured(base)
    origin: Origin = "measured"
    if weights is None:
        weights, origin = (shape.weights if shape else None), "computed"
    if weights is None or shape is None:
        return Need(name=name, quantisation=model.quantisation, origin="unknown")
    sizes = {each.part.role: _adapter(each, shape, facts) for each in found if each.part.adapter}
    adapters = sum(size or 0 for size in sizes.values())
    choices = {each: weights.bytes(model.dtype, each) + adapters for each in QUANTISATIONS}
    context = min(filter(None, (tokens, model.context or shape.context)), default=0)
    return Need(
        name=name,
        quantisation=model.quantisation,
        origin=origin,
        weights=choices[model.quantisation],
        kv=shape.kv_bytes * context * DTYPES[model.dtype] // 2,
        tokens=context,
        choices=choices,
        uncounted=tuple(role for role, size in sizes.items() if size is None),
    )


def _shape(config: Mapping[str, object], facts: Facts | None) -> Shape | None:
    for each in (config, facts.config if facts else {}):
        try:
            return Shape.of(each)
        except ValueError:
            continue
    return None


def _measured(base: Presence) -> Weights | None:
    if base.folder is None or base.missing:
        return None
    return _counted(base.folder)


def _counted(place: Path) -> Weights | None:
    try:
        headers = [read_header(file) for file in weight_files(place)]
    except (OSError, ValueError):
        return None
    tensors = {name: tensor for header in headers for name, tensor in header.items()}
    return counted(tensors) if tensors else None


def _adapter(found: Presence, shape: Shape, facts: Facts | None) -> int | None:
    if found.folder is not None and not found.missing:
        return sum(file.stat().st_size for file in found.folder.glob("*.safetensors"))
    known = facts.adapters.get(found.part.source) if facts else None
    return shape.adapter_bytes(known.rank, known.targets) if known and known.rank else None
