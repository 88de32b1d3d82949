"""A loaded model to an engine that serves it, or the reason why none can."""

from madang.contract import Model
from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.engine import Engine
from madang.inference.engine.lora import take_deltas
from madang.inference.engine.prepare import prepare
from madang.inference.engine.rows import RowCache
from madang.inference.engine.runner import Runner
from madang.inference.engine.scheduler import Scheduler
from madang.inference.engine.service import Service
from madang.inference.engine.support import Probe, check_class
from madang.inference.loaded import Loaded
from madang.inference.memory import kv_numbers
from madang.inference.need import cache_tokens, free_for_models

BLOCK = 32  # tokens
PREFILL = 512  # prompt tokens a step
PREFILL_BESIDE = 128  # the same while others wait for their next token
SLOTS = {"cpu": 16, "cuda": 64}


def build(loaded: Loaded, table: Model) -> Service:
    """Prepare the model, which changes it in place, and start its engine.

    Raises `UnsupportedParameter` for a class or an adapter that the engine could not serve
    exactly; the model is as it was then, unless it was found by trying.
    """
    import torch

    check_class(loaded)
    model, device = loaded.model, loaded.model.device
    slots = table.slots or SLOTS[device.type]
    names = loaded.adapters.names
    probe = Probe.of(loaded)
    tokens = max(_cache_tokens(loaded, table), probe.tokens)
    prepare(model, take_deltas(loaded.adapters))
    blocks = BlockManager(-(-tokens // BLOCK), BLOCK)
    cache = RowCache(blocks=blocks.total, size=BLOCK)
    runner = Runner(model, cache, slots=slots, context=min(loaded.context, 1024), adapters=names)
    scheduler = Scheduler(blocks, slots=slots, prefill=PREFILL, prefill_beside=PREFILL_BESIDE)
    with torch.inference_mode():
        probe.check(runner, cache, BlockManager(blocks.total, BLOCK))
    engine = Engine(loaded.name, scheduler, runner, cache, ahead=int(device.type == "cuda"))
    return Service(loaded, engine, min(loaded.context, tokens))


def _cache_tokens(loaded: Loaded, table: Model) -> int:
    """Size the KV cache by what is free now that the weights are there, less a margin.

    On a CPU the running requests also have working rows, so that each token counts twice.
    """
    model = loaded.model
    copies = 1 if model.device.type == "cuda" else 2
    return cache_tokens(
        table,
        loaded.context,
        each=copies * model.dtype.itemsize * kv_numbers(model.config.get_text_config().to_dict()),
        weights=sum(weight.nbytes for weight in model.parameters()),
        room=free_for_models(),
    )
