"""transformers' own continuous batching."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from madang.bench.engine.messages import Job, Order, Run
from madang.bench.engine.peers.transformers_model import load_model

PAGE = 32  # tokens
BATCH_TOKENS = 512


@contextmanager
def open_transformers_cb(job: Job) -> Iterator[Callable[[Order], Run]]:
    """Start a manager with a cache that holds every request whole.

    It is kept between orders, so that starting and stopping it is not counted.
    """
    from transformers import ContinuousBatchingConfig
    from transformers import GenerationConfig as untyped

    settings: Any = untyped
    model: Any = load_model(job)
    pages = -(-job.longest // PAGE) + 1
    manager = model.init_continuous_batching(
        settings(do_sample=False, eos_token_id=-1, pad_token_id=0),
        ContinuousBatchingConfig(
            page_size=PAGE,
            num_blocks=pages * job.requests,
            max_batch_tokens=BATCH_TOKENS,
            max_requests_per_batch=job.requests,
            allow_block_sharing=False,  # no prompt begins like another
        ),
    )
    manager.warmup()
    manager.start()
    try:
        yield lambda order: _serve(manager, order)
    finally:
        manager.stop()


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
