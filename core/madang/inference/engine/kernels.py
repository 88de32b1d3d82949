"""Attention kernels over a pool of blocks, and which of them a device computes right."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from madang.inference.engine.current import Bend
from madang.inference.engine.gathered import Gathered
from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.sequence import Sequence
from madang.inference.engine.spans import Spans, spans_of

if TYPE_CHECKING:
    import torch

logger = logging.getLogger("madang.inference")

PAGE = 256  # tokens: FlashAttention 2 takes multiples of it only
# Root mean square of a token's error over that of its output. 16 bits make it about 0.005, a
# wrong border of what is seen at least 0.1.
TOLERANCE = 0.03
# Positions and tokens of the sequences that a kernel is tried on: over the borders of blocks, long
# enough to be split over several processors, and with fewer keys than any block holds.
DECODES = ((599, 1), (0, 1), (255, 1), (256, 1))
MIXED = ((599, 1), (0, 70), (500, 40), (255, 9))
# Small, so that one position more or less, or a cap that is not there, makes a difference.
TRIED_WINDOW, TRIED_SOFTCAP = 40, 1.0

Attention = Callable[["torch.Tensor", "torch.Tensor", "torch.Tensor", Bend], "torch.Tensor"]
"""Query `[tokens, heads, width]` and pools `[blocks, size, heads, width]` to one like the query."""


class Kernel(Protocol):
    """Compute attention over blocks of `size` tokens.

    `captures` says that its work depends on numbers on the device only, so that a CUDA graph may
    record it. What lies in a block behind a sequence's end is never looked at: it may be no number.
    """

    name: str
    size: int
    captures: bool

    def over(self, spans: Spans) -> Attention:
        """Prepare what all layers of a step share."""
        ...


@dataclass(frozen=True)
class Layer:
    """Say what the attention of a layer looks like."""

    heads: int
    kv_heads: int
    width: int
    value_width: int
    dtype: "torch.dtype"
    bend: Bend


class FlashAttention:
    """Call the package flash-attn, version 2: https://github.com/Dao-AILab/flash-attention."""

    name = "flash-attn"
    size = PAGE
    captures = True

    def over(self, spans: Spans) -> Attention:
        """Prepare what all layers of a step share."""
        # No stubs, and installed where there is a GPU only.
        from flash_attn import (  # type: ignore[import-not-found, unused-ignore]
            flash_attn_varlen_func,
            flash_attn_with_kvcache,
        )

        def decode(
            query: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor", bend: Bend
        ) -> "torch.Tensor":
            found: torch.Tensor = flash_attn_with_kvcache(
                query.unsqueeze(1),
                keys,
                values,
                cache_seqlens=spans.lengths,
                block_table=spans.tables,
                softmax_scale=bend.scale,
                causal=True,
                window_size=_window(bend),
                softcap=bend.softcap,
            )
            return found.squeeze(1)

        def attend(
            query: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor", bend: Bend
        ) -> "torch.Tensor":
            found: torch.Tensor = flash_attn_varlen_func(
                query,
                keys,
                values,
                spans.starts,
                spans.key_starts,
                spans.most_tokens,
                spans.most_keys,
                softmax_scale=bend.scale,
                causal=True,
                window_size=_window(bend),
                softcap=bend.softcap,
                block_table=spans.tables,
            )
            return found

        return decode if spans.most_tokens == 1 else attend


class Varlen:
    """Call the FlashAttention that is part of torch, from 2.13 on with block tables."""

    name = "torch varlen"
    size = PAGE
    captures = True

    def over(self, spans: Spans) -> Attention:
        """Prepare what all layers of a step share."""
        from torch.nn.attention.varlen import varlen_attn

        # A single query sees all keys anyway. Unless the kernel is told that it must not look
        # ahead, it takes the query heads of a key head together, which reads the keys once.
        everything = (-1, -1 if spans.most_tokens == 1 else 0)

        def attend(
            query: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor", bend: Bend
        ) -> "torch.Tensor":
            if bend.softcap:
                raise NotImplementedError("no softcap")
            found = varlen_attn(
                query,
                keys,
                values,
                spans.starts,
                spans.key_starts,
                spans.most_tokens,
                spans.most_keys,
                scale=bend.scale,
                window_size=_window(bend) if bend.window else everything,
                enable_gqa=query.shape[1] != keys.shape[2],
                seqused_k=spans.lengths,
                block_table=spans.tables,
                # More leave rows unwritten: https://github.com/pytorch/pytorch/issues/194167.
                num_splits=1,
            )
            return found if not isinstance(found, tuple) else found[0]

        return attend


CANDIDATES: tuple[Kernel, ...] = (FlashAttention(), Varlen())


def choose_kernel(
    layers: Collection[Layer],
    device: "torch.device",
    candidates: Collection[Kernel] = CANDIDATES,
) -> Kernel:
    """Return the first kernel that computes all `layers` right on `device`, by trying it."""
    for kernel in candidates:
        try:
            errors = [kernel_error(kernel, layer, device) for layer in set(layers)]
        except (ImportError, RuntimeError, TypeError, ValueError, AttributeError) as problem:
            logger.info("attention by %s is not used: %s", kernel.name, problem)
            continue
        if all(error <= TOLERANCE for error in errors):
            logger.info("attention by %s", kernel.name)
            return kernel
        logger.warning("attention by %s is not used: it errs by %s", kernel.name, errors)
    logger.info("attention by %s", Gathered.name)
    return Gathered()


def kernel_error(kernel: Kernel, layer: Layer, device: "torch.device") -> float:
    """Return how far a kernel is from `Gathered` in fp32 on a random case; NaN where it is lost."""
    import torch

    bend = replace(
        layer.bend,
        window=min(layer.bend.window, TRIED_WINDOW),
        softcap=min(layer.bend.softcap, TRIED_SOFTCAP),
    )
    random = torch.Generator().manual_seed(0)
    errors = []
    for spans_tried in (DECODES, MIXED):
        chunks = _chunks(spans_tried, kernel.size)
        keys, values = (
            _pool(chunks, kernel.size, layer, width, random).to(device)
            for width in (layer.width, layer.value_width)
        )
        tokens = sum(chunk.count for chunk in chunks)
        query = torch.randn(layer.heads, tokens, layer.width, generator=random)
        query = query.to(device, layer.dtype).transpose(0, 1)
        spans = spans_of(chunks, kernel.size, device)
        expected = Gathered().over(spans)(query.float(), keys.float(), values.float(), bend)
        # What a kernel leaves unwritten should be seen: its output probably gets this memory.
        torch.full_like(expected, torch.nan, dtype=layer.dtype)
        errors.append(token_error(kernel.over(spans)(query, keys, values, bend), expected))
    return float(torch.stack(errors).max())


def token_error(got: "torch.Tensor", expected: "torch.Tensor") -> "torch.Tensor":
    """Return the largest relative error of a token; the first dimension is the tokens'."""
    difference = (got.float() - expected.float()).flatten(1).square().mean(1)
    return (difference / expected.float().flatten(1).square().mean(1)).sqrt().max()


def _chunks(spans: tuple[tuple[int, int], ...], size: int) -> list[Chunk]:
    """Give each sequence blocks from all over the pool."""
    chunks = []
    for number, (start, count) in enumerate(spans):
        blocks = [at * len(spans) + number for at in range(-(-(start + count) // size))][::-1]
        sequence = Sequence(tokens=[], prompt_length=0, limit=0, blocks=blocks)
        chunks.append(Chunk(sequence, start, count, samples=True))
    return chunks


def _pool(
    chunks: list[Chunk], size: int, layer: Layer, width: int, random: "torch.Generator"
) -> "torch.Tensor":
    """Make a pool with random keys or values of the sequences, and no numbers around them."""
    import torch

    blocks = 1 + max(max(chunk.sequence.blocks) for chunk in chunks)
    pool = torch.full((blocks, size, layer.kv_heads, width), torch.nan, dtype=layer.dtype)
    whole = [Chunk(chunk.sequence, 0, chunk.start + chunk.count, samples=True) for chunk in chunks]
    slots = spans_of(whole, size, torch.device("cpu")).slots
    numbers = torch.randn(len(slots), layer.kv_heads, width, generator=random)
    pool.flatten(0, 1)[slots] = numbers.to(layer.dtype)
    return pool


def _window(bend: Bend) -> tuple[int, int]:
    """Return how many positions before and behind its own a query sees, -1 for all."""
    return (bend.window - 1, 0) if bend.window else (-1, -1)
