"""The KV cache that a GPU has room for, beside the largest step that it will compute."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from madang.contract import Sampling
from madang.errors import ModelNotLoaded, UnsupportedParameter
from madang.inference.engine.kernels import Kernel, Layer, choose_kernel
from madang.inference.engine.paged import PagedCache, survey
from madang.inference.engine.runner import Runner
from madang.inference.engine.scheduler import Chunk, Step
from madang.inference.engine.sequence import Sequence
from madang.inference.fit import gib
from madang.inference.loaded import Loaded
from madang.inference.need import free_for_models

if TYPE_CHECKING:
    import torch

# Needs most memory of all: scores are sorted, and the history is looked up.
COSTLY = Sampling(temperature=1.0, top_p=0.9, repetition_penalty=1.1)

FittingTokens = Callable[[int | None], int]
"""Say how many tokens the cache is to hold, with so many bytes of room."""


def gpu_cache(loaded: Loaded, *, slots: int, prefill: int, tokens: FittingTokens) -> PagedCache:
    """Choose a kernel for a prepared model, compute the largest step once, and take the memory.

    What that step took stays free, and of the rest a tenth up to 1 GiB, for CUDA graphs and for
    what memory loses between its pieces. Raises `UnsupportedParameter` for a model that cannot be
    batched, and `ModelNotLoaded` where memory is too small.
    """
    import torch

    try:
        layers = survey(loaded.model)
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise UnsupportedParameter(
            f"the batching engine cannot serve model '{loaded.name}': {error}",
            f'Set `engine = "auto"` of [models.{loaded.name}] to have its requests answered one '
            "after the other.",
        ) from error
    device = loaded.model.device
    kernel = choose_kernel(layers.values(), device)
    wanted = 0
    try:
        taken = _peak(device, lambda: rehearse(loaded, layers, kernel, slots, prefill))
        free = free_for_models()
        room = None if free is None else max(0, free - taken)
        wanted = tokens(room)
        blocks = -(-wanted // kernel.size)
        return PagedCache(layers, kernel, blocks=blocks, size=kernel.size, device=device)
    except torch.OutOfMemoryError as error:
        raise _too_large(loaded, layers, wanted) from error


def rehearse(
    loaded: Loaded, layers: Mapping[int, Layer], kernel: Kernel, slots: int, prefill: int
) -> None:
    """Compute the largest step there is: `prefill` tokens, of which all slots draw one each."""
    import torch

    count = max(1, prefill // slots)
    blocks = -(-count // kernel.size)
    cache = PagedCache(layers, kernel, blocks=blocks, size=kernel.size, device=loaded.model.device)
    runner = Runner(loaded.model, cache, slots=slots, context=min(loaded.context, 1024))
    chunks = []
    for _ in range(slots):
        # All write to the same blocks: what comes out does not matter.
        sequence = Sequence(
            tokens=[0] * count, prompt_length=count, limit=count + 1, blocks=list(range(blocks))
        )
        runner.admit(sequence, COSTLY, 0)
        chunks.append(Chunk(sequence, 0, count, samples=True))
    with torch.inference_mode():
        runner.launch(Step(tuple(chunks), admitted=(), preempted=())).tokens.tolist()


def _peak(device: "torch.device", run: Callable[[], None]) -> int:
    """Return how many bytes `run` took at most, and give them back."""
    import torch

    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    run()
    torch.cuda.empty_cache()
    return int(torch.cuda.max_memory_allocated(device)) - before


def _too_large(loaded: Loaded, layers: Mapping[int, Layer], tokens: int) -> ModelNotLoaded:
    each = sum(
        layer.kv_heads * (layer.width + layer.value_width) * layer.dtype.itemsize
        for layer in layers.values()
    )
    what = f"a KV cache of {tokens:,} tokens ({gib(tokens * each)})" if tokens else "a single step"
    return ModelNotLoaded(
        f"model '{loaded.name}' is in memory, but {what} does not fit beside it",
        f"In [models.{loaded.name}], set a smaller `context`, fewer `slots`, or a `quantisation`.",
    )
