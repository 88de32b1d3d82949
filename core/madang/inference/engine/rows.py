"""The KV cache of a CPU: blocks that outlive their sequences, and working rows to compute from."""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as List
from itertools import groupby

from madang.inference.engine.current import Attend
from madang.inference.engine.pages import Pages
from madang.inference.engine.rowplan import RowPlan
from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.sequence import Sequence
from madang.inference.engine.tier import Tier

SHORTEST = 256  # tokens of the first tier; each next one is twice as long


class RowCache:
    """Keep every running sequence in a row of the tier that is long enough for it."""

    def __init__(self, *, blocks: int, size: int) -> None:
        self._pages = Pages(blocks, size)
        self._tiers: dict[int, Tier] = {}
        self._rows: dict[Sequence, tuple[Tier, int]] = {}

    def arrange(self, chunks: List[Chunk]) -> List[Chunk]:
        """Sort by tier and row, single tokens first, after everybody found a row."""
        for chunk in chunks:
            self._fit(chunk.sequence, chunk.start, chunk.start + chunk.count)
        return sorted(chunks, key=self._order)

    def plan(self, chunks: List[Chunk]) -> Attend:
        """Prepare one product a tier for single tokens, and one a sequence for longer chunks."""
        return RowPlan([(chunk, *self._rows[chunk.sequence]) for chunk in chunks])

    def admit(self, sequence: Sequence, reused: int) -> None:
        """Copy the reused blocks into a row."""
        if reused:
            self._fit(sequence, 0, reused + 1)
            tier, row = self._rows[sequence]
            self._pages.load(tier, row, sequence.blocks[: reused // self._pages.size])

    def keep(self, filled: Iterable[tuple[Sequence, int]]) -> None:
        """Copy full blocks out of their rows."""
        for sequence, places in groupby(filled, key=lambda pair: pair[0]):
            tier, row = self._rows[sequence]
            for first, count in _stretches([place for _, place in places]):
                self._pages.save(tier, row, first, sequence.blocks[first : first + count])

    def release(self, sequence: Sequence) -> None:
        """Give up the row; does nothing for a sequence without one."""
        if sequence in self._rows:
            self._leave(*self._rows.pop(sequence))

    def _order(self, chunk: Chunk) -> tuple[bool, int, int]:
        tier, row = self._rows[chunk.sequence]
        return chunk.count > 1, tier.tokens, row

    def _fit(self, sequence: Sequence, length: int, needed: int) -> None:
        """Have `sequence` in a tier for `needed` tokens, of which `length` are there already."""
        known = self._rows.get(sequence)
        if known is not None and needed <= known[0].tokens:
            tier, row = known
            tier.lengths[row] = max(tier.lengths[row], needed)
            return
        tier = self._tier(needed)
        row = tier.add(sequence)
        if known is not None:
            self._move(known, (tier, row), length)
        tier.lengths[row] = needed
        self._rows[sequence] = (tier, row)

    def _move(self, place: tuple[Tier, int], to: tuple[Tier, int], length: int) -> None:
        (tier, row), (next_tier, next_row) = place, to
        try:
            next_tier.take(next_row, tier, row, length)
        except BaseException:  # memory may run out, and then all stays as it was
            next_tier.remove(next_row)
            raise
        self._leave(tier, row)

    def _tier(self, needed: int) -> Tier:
        tokens = SHORTEST
        while tokens < needed:
            tokens *= 2
        return self._tiers.setdefault(tokens, Tier(tokens))

    def _leave(self, tier: Tier, row: int) -> None:
        moved = tier.remove(row)
        if moved is not None:
            self._rows[moved] = (tier, row)


def _stretches(places: list[int]) -> Iterator[tuple[int, int]]:
    """Join neighbouring numbers to the first of them and how many they are."""
    for _, run in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        stretch = [place for _, place in run]
        yield stretch[0], len(stretch)
