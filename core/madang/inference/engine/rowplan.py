"""Attention of one step over working rows."""

from collections.abc import Iterator
from collections.abc import Sequence as List
from itertools import groupby
from typing import TYPE_CHECKING

from madang.inference.engine.current import Bend
from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.scores import attend_masked, hide
from madang.inference.engine.tier import Tier

if TYPE_CHECKING:
    import torch

ROUND = 32  # tokens: oneDNN prepares a kernel for every new shape
LARGEST = 2**24  # scores that are held at once; a long chunk is computed in parts

Placed = tuple[Chunk, Tier, int]


class RowPlan:
    """Attend for single tokens tier by tier and for longer chunks one by one."""

    def __init__(self, placed: List[Placed]) -> None:
        self._parts: list[_Singles | _Stretch] = []
        self._tokens = 0
        single = [place for place in placed if place[0].count == 1]
        for tier, group in groupby(single, key=lambda place: place[1]):
            self._add(_Singles(self._tokens, tier, list(group)))
        for chunk, tier, row in placed[len(single) :]:
            self._add(_Stretch(self._tokens, tier, row, chunk))

    def __call__(
        self,
        layer: int,
        query: "torch.Tensor",
        key: "torch.Tensor",
        value: "torch.Tensor",
        bend: Bend,
    ) -> "torch.Tensor":
        """Write keys and values of the step's tokens into their rows and attend over these."""
        if len(self._parts) == 1:
            return self._parts[0].attend(layer, query, key, value, bend)
        out = query.new_empty(query.shape[1], query.shape[0], value.shape[-1])
        for part in self._parts:
            mine = part.tokens
            out[mine] = part.attend(layer, query[:, mine], key[:, mine], value[:, mine], bend)
        return out

    def _add(self, part: "_Singles | _Stretch") -> None:
        self._parts.append(part)
        self._tokens = part.tokens.stop


class _Singles:
    """Hold one token each of several rows of a tier."""

    def __init__(self, first: int, tier: Tier, placed: List[Placed]) -> None:
        import torch

        self.tokens = slice(first, first + len(placed))
        self._tier = tier
        rows = [row for _, _, row in placed]
        self._rows = torch.tensor(rows)
        self._at = torch.tensor([chunk.start for chunk, _, _ in placed])
        self._count = rows[-1] + 1  # rows are sorted
        self._dense = self._count == len(rows)
        self._length = _rounded(max(chunk.start for chunk, _, _ in placed) + 1)
        self._masks: dict[tuple[int, torch.dtype], torch.Tensor] = {}

    def attend(
        self,
        layer: int,
        query: "torch.Tensor",
        key: "torch.Tensor",
        value: "torch.Tensor",
        bend: Bend,
    ) -> "torch.Tensor":
        """Return `[tokens, heads, width]`."""
        keys, values = self._tier.layer(layer, key, value)
        keys[self._rows, :, :, self._at] = key.transpose(0, 1)
        values[self._rows, :, self._at] = value.transpose(0, 1)
        heads, kv_heads = query.shape[0], key.shape[0]
        asked = query.transpose(0, 1)
        if not self._dense:
            asked = asked.new_zeros(self._count, *asked.shape[1:]).index_copy_(0, self._rows, asked)
        shape = (self._count, kv_heads, heads // kv_heads)
        found = attend_masked(
            asked.reshape(-1, shape[-1], query.shape[-1]),
            keys[: self._count].flatten(0, 1)[..., : self._length],
            values[: self._count].flatten(0, 1)[:, : self._length],
            self._mask(bend.window, query.dtype),
            shape,
            bend,
        )
        found = found.view(self._count, heads, -1)
        return found if self._dense else found.index_select(0, self._rows)

    def _mask(self, window: int, dtype: "torch.dtype") -> "torch.Tensor":
        import torch

        if (window, dtype) not in self._masks:
            at = torch.zeros(self._count, dtype=torch.long).index_copy_(0, self._rows, self._at)
            self._masks[window, dtype] = hide(_seen(at, self._length, window), dtype)[:, None, None]
        return self._masks[window, dtype]


class _Stretch:
    """Hold several tokens of one row."""

    def __init__(self, first: int, tier: Tier, row: int, chunk: Chunk) -> None:
        self.tokens = slice(first, first + chunk.count)
        self._tier = tier
        self._row = row
        self._start = chunk.start
        self._masks: dict[tuple[int, int, torch.dtype], torch.Tensor] = {}

    def attend(
        self,
        layer: int,
        query: "torch.Tensor",
        key: "torch.Tensor",
        value: "torch.Tensor",
        bend: Bend,
    ) -> "torch.Tensor":
        """Return `[tokens, heads, width]`."""
        import torch

        keys, values = self._tier.layer(layer, key, value)
        end = self._start + key.shape[1]
        keys[self._row, :, :, self._start : end] = key.transpose(1, 2)
        values[self._row, :, self._start : end] = value
        parts = [
            self._part(query, slice(*part), keys[self._row], values[self._row], bend)
            for part in self._parts(query)
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _parts(self, query: "torch.Tensor") -> Iterator[tuple[int, int]]:
        heads, count, _ = query.shape
        each = max(1, LARGEST // (heads * (self._start + count)))
        for first in range(0, count, each):
            yield first, min(first + each, count)

    def _part(
        self,
        query: "torch.Tensor",
        part: slice,
        keys: "torch.Tensor",
        values: "torch.Tensor",
        bend: Bend,
    ) -> "torch.Tensor":
        asked = query[:, part]
        heads, count, width = asked.shape
        kv_heads = keys.shape[0]
        length = _rounded(self._start + part.stop)
        found = attend_masked(
            asked.reshape(kv_heads, -1, width),
            keys[..., :length],
            values[:, :length],
            self._mask(part, length, bend.window, query.dtype),
            (kv_heads, heads // kv_heads, count),
            bend,
        )
        return found.view(heads, count, -1).transpose(0, 1)

    def _mask(self, part: slice, length: int, window: int, dtype: "torch.dtype") -> "torch.Tensor":
        import torch

        key = (part.start, window, dtype)
        if key not in self._masks:
            at = torch.arange(self._start + part.start, self._start + part.stop)
            self._masks[key] = hide(_seen(at, length, window), dtype)
        return self._masks[key]


def _rounded(length: int) -> int:
    return -(-length // ROUND) * ROUND


def _seen(at: "torch.Tensor", length: int, window: int) -> "torch.Tensor":
    """Say for each position of `at` which of the first `length` it sees.

    `[positions, tokens]`, from the first token on that somebody may not see.
    """
    import torch

    first = 0 if window else int(at.min())
    back = at[:, None] - torch.arange(first, length)
    return (back >= 0) & (back < window) if window else back >= 0
