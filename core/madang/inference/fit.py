"""Whether a model fits into the memory that is free, and what of it would."""

from collections.abc import Iterator

from madang.contract import Model
from madang.contract.model import Quantisation
from madang.errors import ModelNotLoaded
from madang.inference.memory import GIB, RUN_TIME, Need

QUANTISATIONS: tuple[Quantisation, ...] = ("none", "int8", "nf4")
SHORTEST = 1024  # tokens of context below which a smaller one is not worth offering


def check_memory(
    name: str, model: Model, need: Need, free: int, *, device: str, width: int = 2, extra: int = 0
) -> None:
    """Raise `ModelNotLoaded` when `free` bytes are too few, with what would fit."""
    context = model.context or need.context
    total = need.total(model.quantisation, context, width, extra)
    if total <= free:
        return
    weights = need.weights(model.quantisation, width) + extra
    kv = width * need.kv_numbers * context
    fitting = what_fits(need, free, context, model.quantisation, width=width, extra=extra)
    raise ModelNotLoaded(
        f"model '{name}' needs {gib(total)} (weights {gib(weights)}, {context:,} tokens of "
        f"context {gib(kv)}, run time {gib(min(RUN_TIME, weights))}), but {device} has "
        f"{gib(free)} free",
        f"What would fit: {'; '.join(fitting)}."
        if fitting
        else "No form of it fits here; free memory, raise `memory` of [pool] where it is set, or "
        "choose a smaller model.",
    )


def what_fits(
    need: Need,
    free: int,
    context: int,
    quantisation: Quantisation = "none",
    *,
    width: int = 2,
    extra: int = 0,
) -> list[str]:
    """Word each setting that brings a model into `free` bytes, the least loss first."""
    found = []
    for settings, choice, each in _choices(need, quantisation, width):
        total = need.total(choice, context, each, extra)
        if total > free:
            shorter = _context_fitting(need, free, choice, each, extra)
            if shorter < SHORTEST:
                continue
            settings.append(f"context = {shorter}")
            total = need.total(choice, shorter, each, extra)
        found.append(f"{' and '.join(settings)} ({gib(total)})")
    return found


def gib(size: float) -> str:
    """Word a size in GiB, or MiB where it is small."""
    return f"{size / GIB:.1f} GiB" if size >= GIB / 10 else f"{size / 2**20:.1f} MiB"


def _choices(
    need: Need, quantisation: Quantisation, width: int
) -> Iterator[tuple[list[str], Quantisation, int]]:
    """Give the settings to change, with the quantisation and the width that they come to."""
    yield [], quantisation, width
    if width > 2:
        yield ['dtype = "bfloat16"'], quantisation, 2
    if not need.fixed:
        for choice in QUANTISATIONS[QUANTISATIONS.index(quantisation) + 1 :]:
            yield [f'quantisation = "{choice}"'], choice, width


def _context_fitting(
    need: Need, free: int, quantisation: Quantisation, width: int, extra: int
) -> int:
    """Return the longest context that fits, in whole steps of `SHORTEST`; 0 if none does."""
    each = width * need.kv_numbers
    left = free - need.total(quantisation, 1, width, extra) + each
    return 0 if left < 0 or not each else left // each // SHORTEST * SHORTEST
