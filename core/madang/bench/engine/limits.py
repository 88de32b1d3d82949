"""What the machine could do at best: the matrix products alone, and on a GPU its memory.

`matmul_limit`: all linear layers of the model, the output head included, one after another on
random inputs of as many rows as there are requests; the batch over the median time of a pass is
a decode speed that nothing with these weights can pass.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from madang.bench.engine.messages import Job, Limit, Order
from madang.bench.engine.peers.transformers_model import load_model

if TYPE_CHECKING:
    import torch

    Product = Callable[[torch.Tensor], torch.Tensor]

PASSES = 9
COPIED = 2**30  # bytes of the buffer that the bandwidth is measured with
COPIES = 20


@contextmanager
def open_limits(job: Job) -> Iterator[Callable[[Order], Limit]]:
    """Take the linear layers out of the model; each is multiplied in every way torch offers."""
    import torch

    model = load_model(job)
    weights = [each.weight for each in model.modules() if isinstance(each, torch.nn.Linear)]
    config = model.config
    step = sum(each.numel() * each.itemsize for each in weights)
    kv = 2 * config.num_hidden_layers * config.num_key_value_heads * config.head_dim
    width = weights[0].itemsize
    del model
    with torch.inference_mode():
        yield lambda order: _measure(weights, order, step + kv * width * cached_tokens(order))


def cached_tokens(order: Order) -> float:
    """Return how many tokens the caches hold together half way through the answers."""
    return sum(len(ask.ids) + order.new_tokens / 2 for ask in order.asks)


def _measure(weights: Sequence["torch.Tensor"], order: Order, step: float) -> Limit:
    import torch

    batch = len(order.asks)
    inputs = {
        size: torch.randn(batch, size, dtype=weights[0].dtype, device=weights[0].device)
        for size in {each.shape[1] for each in weights}
    }
    times = {
        way: statistics.median(_passes(products, weights, inputs))
        for way, products in _ways(weights, batch)
    }
    bandwidth = _copy_bandwidth(weights[0].device) if weights[0].is_cuda else None
    return Limit(times, round(step), bandwidth)


def _ways(weights: Sequence["torch.Tensor"], batch: int) -> Iterator[tuple[str, list["Product"]]]:
    """Give the products of each way; oneDNN repacks bf16 weights for a CPU, for this batch."""
    import torch

    yield "linear", [_linear(each) for each in weights]
    if weights[0].is_cuda or weights[0].dtype != torch.bfloat16:
        return
    mkldnn: Any = torch.ops.mkldnn
    if mkldnn._is_mkldnn_bf16_supported():
        yield "prepacked", [_prepacked(each, batch) for each in weights]


def _linear(weight: "torch.Tensor") -> "Product":
    import torch

    return lambda x: torch.nn.functional.linear(x, weight)


def _prepacked(weight: "torch.Tensor", batch: int) -> "Product":
    import torch

    mkldnn: Any = torch.ops.mkldnn
    packed = mkldnn._reorder_linear_weight(weight, batch)
    return lambda x: mkldnn._linear_pointwise(x, packed, None, "none", [], "")


def _passes(
    products: Sequence["Product"],
    weights: Sequence["torch.Tensor"],
    inputs: dict[int, "torch.Tensor"],
) -> Iterator[float]:
    """Time passes through all layers; the first warms up and is left out."""
    for number in range(PASSES + 1):
        _wait(weights[0].device)
        begin = time.perf_counter()
        for product, weight in zip(products, weights, strict=True):
            product(inputs[weight.shape[1]])
        _wait(weights[0].device)
        if number:
            yield time.perf_counter() - begin


def _copy_bandwidth(device: "torch.device") -> float:
    """Return the bytes a second that a copy on the device reads and writes together."""
    import torch

    source = torch.ones(COPIED, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    target.copy_(source)
    _wait(device)
    begin = time.perf_counter()
    for _ in range(COPIES):
        target.copy_(source)
    _wait(device)
    return 2 * COPIED * COPIES / (time.perf_counter() - begin)


def _wait(device: "torch.device") -> None:
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)
