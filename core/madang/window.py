"""How a growing conversation is cut to fit: rarely, in blocks, and never inside an exchange."""

from collections.abc import Iterator, Sequence


def cut(sizes: Sequence[int], budget: int, block: int) -> int:
    """Return how many leading exchanges to drop so that the rest fits `budget`.

    A cut lies only where the sum from the start passes a multiple of `block`, or at the end: so
    it depends on nothing but the exchanges themselves and, as they are appended, moves at most
    once a block, which keeps the prefix of a prompt reusable in between. The smallest such cut
    that fits is taken. A block larger than the budget counts as the budget.
    """
    rest = sum(sizes)
    if rest <= budget:
        return 0
    boundaries = set(_boundaries(sizes, min(block, budget)))
    for dropped, size in enumerate(sizes, start=1):
        rest -= size
        if rest <= budget and dropped in boundaries:
            return dropped
    return len(sizes)


def _boundaries(sizes: Sequence[int], block: int) -> Iterator[int]:
    """Give the counts of leading exchanges whose sum passes another multiple of `block`."""
    total = 0
    for count, size in enumerate(sizes, start=1):
        before, total = total, total + size
        if block < 1 or total // block > before // block:
            yield count
