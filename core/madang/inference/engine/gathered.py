"""Attention over blocks by gathering them first: slower than a kernel, and right everywhere."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from madang.inference.engine.current import Bend
from madang.inference.engine.scores import attend_masked, hide
from madang.inference.engine.spans import Spans
from madang.inference.engine.upload import upload

if TYPE_CHECKING:
    import torch

    from madang.inference.engine.kernels import Attention

KEYS = 2**16  # keys that are gathered at once
SCORES = 2**20  # scores of one head that are held at once

Piece = tuple[int, int, int]  # a row of the tables, the first position, how many queries


class Gathered:
    """Attend in plain torch, on any device and for any dtype, width, window and softcap.

    Its work depends on lengths that the host knows, so it is not for CUDA graphs.
    """

    name = "gathered blocks"
    size = 32
    captures = False

    def over(self, spans: Spans) -> "Attention":
        """Prepare what all layers of a step share."""
        import torch

        groups = list(_groups(spans))

        def attend(
            query: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor", bend: Bend
        ) -> "torch.Tensor":
            found = [group.attend(query, keys, values, bend) for group in groups]
            return found[0] if len(found) == 1 else torch.cat(found)

        return attend


def _groups(spans: Spans) -> "Iterator[_Group]":
    if spans.chunks is None:
        tokens = slice(0, len(spans.lengths))
        yield _Group(tokens, 1, spans.most_keys, spans.tables, spans.lengths)
        return
    device, at = spans.tables.device, 0
    for count, alike in groupby(_pieces(spans.chunks), key=lambda piece: piece[2]):
        for part in _parts(list(alike)):
            ends = [start + count for _, start, _ in part]
            tokens = slice(at, at + count * len(part))
            yield _Group(tokens, count, max(ends), *_chosen(spans, part, ends, device))
            at = tokens.stop


def _chosen(
    spans: Spans, part: list[Piece], ends: list[int], device: "torch.device"
) -> "tuple[torch.Tensor, torch.Tensor]":
    import torch

    rows = upload([row for row, _, _ in part], torch.long, device)
    return spans.tables.index_select(0, rows), upload(ends, torch.int32, device)


def _pieces(chunks: tuple[tuple[int, int], ...]) -> Iterator[Piece]:
    """Cut long chunks, so that the scores of each piece find room."""
    for row, (start, count) in enumerate(chunks):
        each = max(1, SCORES // (start + count))
        for first in range(start, start + count, each):
            yield row, first, min(each, start + count - first)


def _parts(alike: list[Piece]) -> Iterator[list[Piece]]:
    """Cut a list of pieces with equally many queries, so that their keys find room."""
    count = alike[0][2]
    longest = max(start + count for _, start, _ in alike)
    each = max(1, min(KEYS // longest, SCORES // (longest * count)))
    for first in range(0, len(alike), each):
        yield alike[first : first + each]


class _Group:
    """Hold `count` queries each of several sequences; `ends` is what the last of them sees."""

    def __init__(
        self,
        tokens: slice,
        count: int,
        longest: int,
        tables: "torch.Tensor",
        ends: "torch.Tensor",
    ) -> None:
        self._tokens = tokens
        self._count = count
        self._longest = longest
        self._tables = tables
        self._ends = ends.long()
        self._slots: torch.Tensor | None = None
        self._masks: dict[tuple[int, torch.dtype], torch.Tensor] = {}

    def attend(
        self, query: "torch.Tensor", keys: "torch.Tensor", values: "torch.Tensor", bend: Bend
    ) -> "torch.Tensor":
        """Take `[tokens, heads, width]` and pools `[blocks, size, heads, width]`."""
        rows, (heads, width), kv_heads = len(self._ends), query.shape[1:], keys.shape[2]
        asked = query[self._tokens].reshape(rows, self._count, kv_heads, -1, width)
        key = self._gather(keys).permute(0, 2, 3, 1).reshape(-1, width, self._longest)
        value = self._gather(values).transpose(1, 2).flatten(0, 1)
        found = attend_masked(
            asked.permute(0, 2, 3, 1, 4).reshape(rows * kv_heads, -1, width),
            key,
            value,
            self._mask(bend.window, query.dtype),
            (rows, heads, self._count),
            bend,
        )
        return found.view(rows, heads, self._count, -1).transpose(1, 2).flatten(0, 1)

    def _gather(self, pool: "torch.Tensor") -> "torch.Tensor":
        import torch

        if self._slots is None:
            size = pool.shape[1]
            # What lies behind a sequence may be no number: its last key stands in for it, unseen.
            at = torch.arange(self._longest, device=pool.device).minimum(self._ends[:, None] - 1)
            blocks = self._tables.long().gather(1, at // size)
            self._slots = (blocks * size + at % size).flatten()
        found = pool.flatten(0, 1).index_select(0, self._slots)
        return found.view(len(self._ends), self._longest, *pool.shape[2:])

    def _mask(self, window: int, dtype: "torch.dtype") -> "torch.Tensor":
        import torch

        if (window, dtype) not in self._masks:
            device = self._ends.device
            at = self._ends[:, None] - self._count + torch.arange(self._count, device=device)
            back = at[:, :, None] - torch.arange(self._longest, device=device)
            seen = (back >= 0) & (back < window) if window else back >= 0
            self._masks[window, dtype] = hide(seen, dtype).unsqueeze(1)
        return self._masks[window, dtype]
