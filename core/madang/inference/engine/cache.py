"""The door between the engine and where keys and values lie."""

from collections.abc import Iterable
from collections.abc import Sequence as List
from typing import Protocol

from madang.inference.engine.current import Attend
from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.sequence import Sequence


class KVCache(Protocol):
    """Keep the keys and values of all sequences, in blocks that the scheduler hands out."""

    def arrange(self, chunks: List[Chunk]) -> List[Chunk]:
        """Return the chunks in the order in which their tokens are best laid out."""
        ...

    def plan(self, chunks: List[Chunk]) -> Attend:
        """Prepare what all layers of a step share; the chunks are as `arrange` returned them."""
        ...

    def admit(self, sequence: Sequence, reused: int) -> None:
        """Make the first `reused` tokens of a sequence readable, which are in its blocks."""
        ...

    def keep(self, filled: Iterable[tuple[Sequence, int]]) -> None:
        """Save blocks that are full, each by its sequence and its place in the block table."""
        ...

    def release(self, sequence: Sequence) -> None:
        """Forget a sequence, whose numbers may be no numbers and must not reach others."""
        ...
