"""transformers' own continuous batching."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from madang.bench.engine.messages import Job, Order, Run
from madang.bench.engine.peers.transformers_model import load_model
from madang.inference.device import choose_device

if TYPE_CHECKING:
    from transformers import ContinuousBatchingConfig

# The fastest of page sizes from 4 to 256, batches from 128 to 2048 tokens, and eager and SDPA
# attention on a CPU; a GPU is left to the settings that transformers resolves for it.
PAGE = 32  # tokens
BATCH_TOKENS = 256


@contextmanager
def open_transformers_cb(job: Job) -> Iterator[Callable[[Order], Run]]:
    """Start a manager with a cache that holds every request whole.

    It is kept between orders, so that starting and stopping it is not counted.
    """
    from transformers import GenerationConfig as untyped
    from transformers.generation.continuous_batching.utils import WorkloadHints

    settings: Any = untyped
    on_cpu = choose_device().type == "cpu"
    model: Any = load_model(job, **({"attn_implementation": "eager"} if on_cpu else {}))
    manager = model.init_continuous_batching(
        settings(do_sample=False, eos_token_id=-1, pad_token_id=0),
        _batching(job, on_cpu),
        WorkloadHints(job.longest, job.longest, job.requests),
    )
    manager.warmup()
    manager.start()
    try:
        yield lambda order: _serve(manager, order)
    finally:
        manager.stop()


def _batching(job: Job, on_cpu: bool) -> "ContinuousBatchingConfig":
    from transformers import ContinuousBatchingConfig

    settings = ContinuousBatchingConfig(allow_block_sharing=False)  # no prompt begins like another
    if on_cpu:
        settings.page_size = PAGE
        settings.max_batch_tokens = BATCH_TOKENS
        settings.num_blocks = (-(-job.longest // PAGE) + 1) * job.requests
    return settings


def _serve(manager: Any, order: Order) -> Run:
    begin = time.perf_counter()
    names = manager.add_requests(
        [ask.ids for ask in order.asks], max_new_tokens=order.new_tokens, record_timestamps=True
    )
    done: dict[str, Any] = {}
    while len(done) < len(names):
        result = manager.get_result()
        if result is None or result.error:
            raise RuntimeError(f"continuous batching failed: {result and result.error}")
        done[result.request_id] = result
    seconds = time.perf_counter() - begin
    results = [done[name] for name in names]
    return Run(
        seconds,
        [[stamp - begin for stamp in result.timestamps] for result in results],
        [result.generated_tokens for result in results],
    )
