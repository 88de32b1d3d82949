"""The KV cache of a GPU: the blocks themselves, which kernels read where they lie."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as List
from typing import TYPE_CHECKING

from madang.inference.engine.batch import Batch
from madang.inference.engine.current import Bend
from madang.inference.engine.kernels import Kernel, Layer
from madang.inference.engine.runner import logits_of
from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.sequence import Sequence
from madang.inference.engine.spans import Spans, spans_of

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    Pools = Mapping[int, tuple[torch.Tensor, torch.Tensor]]


class PagedCache:
    """Keep keys and values in one pool of blocks a layer, `[blocks, size, heads, width]`.

    All memory is taken at once. Behind the `blocks` that are lent out lies `spare`, into which
    those write who have none.
    """

    def __init__(
        self,
        layers: Mapping[int, Layer],
        kernel: Kernel,
        *,
        blocks: int,
        size: int,
        device: "torch.device",
    ) -> None:
        self.kernel = kernel
        self.size = size
        self.blocks = blocks
        self.spare = blocks
        self.device = device
        self._pools = {
            number: _pools(layer, blocks + 1, size, device) for number, layer in layers.items()
        }

    def arrange(self, chunks: List[Chunk]) -> List[Chunk]:
        """Return the chunks as they are."""
        return chunks

    def plan(self, chunks: List[Chunk]) -> "PagedPlan":
        """Send what kernels need to know to the device."""
        return self.over(spans_of(chunks, self.size, self.device))

    def over(self, spans: Spans) -> "PagedPlan":
        """Prepare attention over spans that are on the device."""
        return PagedPlan(self._pools, self.kernel, spans)

    def admit(self, sequence: Sequence, reused: int) -> None:
        """Do nothing: reused blocks are read where they lie."""

    def keep(self, filled: Iterable[tuple[Sequence, int]]) -> None:
        """Do nothing: blocks are written where they stay."""

    def release(self, sequence: Sequence) -> None:
        """Do nothing: no kernel looks at what lies behind a sequence's end."""


def _pools(
    layer: Layer, blocks: int, size: int, device: "torch.device"
) -> "tuple[torch.Tensor, torch.Tensor]":
    import torch

    shape = (blocks, size, layer.kv_heads)
    return (
        torch.zeros(*shape, layer.width, dtype=layer.dtype, device=device),
        torch.zeros(*shape, layer.value_width, dtype=layer.dtype, device=device),
    )


class PagedPlan:
    """Attend for the tokens of one step."""

    def __init__(self, pools: "Pools", kernel: Kernel, spans: Spans) -> None:
        self.spans = spans
        self._pools = pools
        self._attention = kernel.over(spans)

    def __call__(
        self,
        layer: int,
        query: "torch.Tensor",
        key: "torch.Tensor",
        value: "torch.Tensor",
        bend: Bend,
    ) -> "torch.Tensor":
        """Write keys and values of the step's tokens into their blocks and attend over these."""
        keys, values = self._pools[layer]
        keys.flatten(0, 1).index_copy_(0, self.spans.slots, key.transpose(0, 1))
        values.flatten(0, 1).index_copy_(0, self.spans.slots, value.transpose(0, 1))
        return self._attention(query.transpose(0, 1), keys, values, bend)


def survey(model: "PreTrainedModel") -> dict[int, Layer]:
    """Ask a prepared model what the attention of each of its layers looks like."""
    import torch

    found: dict[int, Layer] = {}

    def note(
        layer: int, query: "torch.Tensor", key: "torch.Tensor", value: "torch.Tensor", bend: Bend
    ) -> "torch.Tensor":
        (heads, tokens, width), (kv_heads, _, value_width) = query.shape, value.shape
        found[layer] = Layer(heads, kv_heads, width, value_width, key.dtype, bend)
        return value.new_zeros(tokens, heads, value_width)

    start = torch.zeros((1, 1), dtype=torch.long, device=model.device)
    logits_of(model, Batch(start, start, adapters=None, kept=0, unknown={}), note)
    return found
