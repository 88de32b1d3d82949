"""A loaded model to an engine that serves it, or the reason why none can."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from madang.contract import Model
from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.cache import KVCache
from madang.inference.engine.engine import Engine
from madang.inference.engine.gpu import FittingTokens, gpu_cache
from madang.inference.engine.graphs import Graphs, cuda_record
from madang.inference.engine.lora import check_adapters, take_deltas
from madang.inference.engine.prepare import prepare
from madang.inference.engine.rows import RowCache
from madang.inference.engine.runner import Forward, Runner, logits_of
from madang.inference.engine.scheduler import Scheduler
from madang.inference.engine.service import Service
from madang.inference.engine.support import Probe, check_class
from madang.inference.loaded import Loaded
from madang.inference.memory import kv_numbers
from madang.inference.need import cache_tokens, free_for_models, kv_copies

BLOCK = 32  # tokens
PREFILL = {"cpu": 512, "cuda": 2048}  # prompt tokens a step
PREFILL_BESIDE = {"cpu": 128, "cuda": 512}  # the same while others wait for their next token
LEAST = 32  # of these on a CPU, which computes small batches badly
# Parameters with which a CPU's step is short enough; a larger model gets shorter prompts a step.
QUICK = 2**29
SLOTS = {"cpu": 16, "cuda": 64}

Place = tuple[KVCache, BlockManager, Forward | None]


def build(loaded: Loaded, table: Model, thread: ThreadPoolExecutor) -> Service:
    """Prepare the model, which changes it in place, and start its engine.

    Raises `UnsupportedParameter` for a class or an adapter that the engine could not serve
    exactly; the model is as it was then, unless it was found by trying.
    """
    import torch

    check_class(loaded)
    check_adapters(loaded.adapters)
    model, device = loaded.model, loaded.model.device
    slots = table.slots or SLOTS[device.type]
    names = loaded.adapters.names
    parameters = model.num_parameters()
    probe = Probe.of(loaded)
    tokens = _fitting_tokens(loaded, table, probe.tokens)
    prepare(model, take_deltas(loaded.adapters))
    with torch.inference_mode():
        place = _on_gpu(loaded, slots, tokens) if device.type == "cuda" else _on_cpu(tokens)
        cache, blocks, forward = place
        runner = Runner(
            model,
            cache,
            slots=slots,
            context=min(loaded.context, 1024),
            adapters=names,
            forward=forward,
        )
        probe.check(runner, cache, BlockManager(blocks.total, blocks.size))
    scheduler = Scheduler(
        blocks,
        slots=slots,
        prefill=_budget(device.type, parameters, PREFILL),
        prefill_beside=_budget(device.type, parameters, PREFILL_BESIDE),
    )
    engine = Engine(loaded.name, scheduler, runner, cache, ahead=int(device.type == "cuda"))
    return Service(loaded, engine, min(loaded.context, blocks.capacity), thread)


def _on_cpu(tokens: FittingTokens) -> Place:
    blocks = BlockManager(-(-tokens(free_for_models()) // BLOCK), BLOCK)
    return RowCache(blocks=blocks.total, size=BLOCK), blocks, None


def _on_gpu(loaded: Loaded, slots: int, tokens: FittingTokens) -> Place:
    cache = gpu_cache(loaded, slots=slots, prefill=PREFILL["cuda"], tokens=tokens)
    blocks = BlockManager(cache.blocks, cache.size)
    if not cache.kernel.captures:
        return cache, blocks, None
    graphs = Graphs(
        partial(logits_of, loaded.model),
        cache,
        cuda_record(),
        rows=slots,
        tokens=min(loaded.context, blocks.capacity),
    )
    return cache, blocks, graphs


def _fitting_tokens(loaded: Loaded, table: Model, least: int) -> FittingTokens:
    """Size the KV cache by what is free once the weights are there, less a margin."""
    model = loaded.model
    numbers = kv_numbers(model.config.get_text_config().to_dict())
    each = kv_copies(table) * model.dtype.itemsize * numbers
    weights = sum(weight.nbytes for weight in model.parameters())

    def tokens(room: int | None) -> int:
        fitting = cache_tokens(table, loaded.context, each=each, weights=weights, room=room)
        return max(fitting, least)

    return tokens


def _budget(device: str, parameters: int, tokens: Mapping[str, int]) -> int:
    """Return how many prompt tokens a step computes, fewer of a model that a CPU is slow with."""
    if device != "cpu":
        return tokens[device]
    return max(LEAST, tokens[device] * QUICK // max(QUICK, parameters))
