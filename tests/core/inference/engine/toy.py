"""A toy model on the real scheduler: what stands in its cache shows who wrote it.

K and V of a position are one number, made from the adapter and all tokens up to there, and the
next token is made from that number. So each read of the cache can be checked.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import accumulate
from zlib import crc32

from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.scheduler import Chunk, Scheduler, Step
from madang.inference.engine.sequence import Sequence

EOS = 0
VOCABULARY = 17

Sampled = list[tuple[Sequence, int]]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Describe a request: when it comes, and when it is cancelled, in turns of the loop."""

    prompt: tuple[int, ...]
    room: int
    adapter: str = ""
    priority: int = 0
    comes: int = 0
    goes: int | None = None

    @property
    def limit(self) -> int:
        """Count the tokens of prompt and answer at most."""
        return len(self.prompt) + self.room


def keys(tokens: Collection[int], adapter: str) -> list[int]:
    """Compute K and V of every position."""
    start = crc32(adapter.encode())
    return list(accumulate(tokens, lambda key, token: hash((key, token)), initial=start))[1:]


def alone(ask: Ask) -> list[int]:
    """Return the tokens of a request that is served alone, the prompt included."""
    tokens = list(ask.prompt)
    while len(tokens) < ask.limit and (len(tokens) == len(ask.prompt) or tokens[-1] != EOS):
        tokens.append(keys(tokens, ask.adapter)[-1] % VOCABULARY)
    return tokens


class Engine:
    """Serve requests until none is left, looking at everything that could go wrong.

    `depth` steps are launched before the tokens of the first are known. With `rows` each
    sequence works in a row of its own, and the pool of blocks holds copies; without, the pool is
    all there is.
    """

    def __init__(
        self, blocks: BlockManager, scheduler: Scheduler, slots: int, depth: int, rows: bool
    ) -> None:
        self.blocks = blocks
        self.scheduler = scheduler
        self.depth = depth
        self.preemptions = 0
        self.ended: list[tuple[Ask, list[int]]] = []
        self._pool: dict[tuple[int, int], int] = {}
        self._truth: dict[Sequence, list[int]] = {}
        self._asks: dict[Sequence, Ask] = {}
        self._flying: deque[Sampled] = deque()
        self._rows: dict[Sequence, dict[int, int]] = {}
        self._spare_rows: list[dict[int, int]] = [{} for _ in range(slots)] if rows else []
        self._has_rows = rows

    def run(self, asks: Collection[Ask], failing: Collection[int] = ()) -> None:
        """Serve all requests, with no launch in the `failing` turns."""
        bound = 100 + 20 * sum(ask.limit for ask in asks)
        last = max((ask.comes for ask in asks), default=0)
        for turn in range(bound):
            self._come_and_go(asks, turn)
            if turn % 4 == 3:
                self.scheduler.widen()
            launched = self._step(fails=turn in failing)
            learns = bool(self._flying) and (not launched or len(self._flying) > self.depth)
            if learns:
                self._learn(self._flying.popleft())
            assert launched or learns or turn in failing or not self._asks, "a deadlock"
            if turn >= last and not self._asks and not self._flying:
                return
        raise AssertionError("it goes on for ever")

    def _come_and_go(self, asks: Collection[Ask], turn: int) -> None:
        for ask in asks:
            if ask.comes == turn:
                tokens = list(ask.prompt)
                sequence = Sequence(
                    tokens=tokens,
                    prompt_length=len(tokens),
                    limit=ask.limit,
                    adapter=ask.adapter,
                    priority=ask.priority,
                )
                self._asks[sequence] = ask
                self._truth[sequence] = list(tokens)
                self.scheduler.add(sequence)
        for sequence, ask in list(self._asks.items()):
            if ask.goes == turn:
                self._remove(sequence)

    def _step(self, fails: bool) -> bool:
        running = [s for s in self.scheduler.running if s.computed + 1 == s.length < s.limit]
        step = self.scheduler.schedule()
        self._drain()
        self._check_blocks()
        if step is None:
            return False
        self._check(step, running)
        self.preemptions += len(step.preempted)
        self._move_rows(step)
        if fails:
            self._take_back(step)
            return False
        computed = [(chunk, self._compute(chunk)) for chunk in step.chunks]
        self._flying.append([(chunk.sequence, key) for chunk, key in computed if chunk.samples])
        return True

    def _take_back(self, step: Step) -> None:
        self.scheduler.retract(step)
        while self._flying:
            self._learn(self._flying.popleft())
        self.scheduler.narrow(max(1, len(step.chunks) // 2))
        self.scheduler.shorten()

    def _drain(self) -> None:
        for sequence, index in self.scheduler.filled:
            start = index * self.blocks.size
            for offset in range(self.blocks.size if self._has_rows else 0):
                key = self._rows[sequence][start + offset]
                self._pool[sequence.blocks[index], offset] = key
        self.scheduler.filled.clear()

    def _check_blocks(self) -> None:
        tables = [sequence.blocks for sequence in self.scheduler.running]
        assert all(len(set(table)) == len(table) for table in tables)
        assert self.blocks.used == len(set().union(*tables))
        assert all(0 <= block < self.blocks.total for table in tables for block in table)

    def _check(self, step: Step, ready: list[Sequence]) -> None:
        decodes = [chunk.samples and chunk.count == 1 for chunk in step.chunks]
        assert decodes == sorted(decodes, reverse=True)
        running = self.scheduler.running
        chunked = [chunk.sequence for chunk in step.chunks]
        assert [s for s in ready if s in running] == [s for s in chunked if s in ready]
        assert set(chunked) <= set(running) and len(set(chunked)) == len(chunked)
        starts = {chunk.sequence: chunk.start for chunk in step.chunks}
        assert all(starts[sequence] % self.blocks.size == 0 for sequence in step.admitted)
        assert all(chunk.count > 0 for chunk in step.chunks)

    def _move_rows(self, step: Step) -> None:
        starts = {chunk.sequence: chunk.start for chunk in step.chunks}
        if not self._has_rows:
            return
        for sequence in step.preempted:
            self._spare_rows.append(self._rows.pop(sequence))
        for sequence in step.admitted:
            row = self._rows[sequence] = self._spare_rows.pop()
            for position in range(starts[sequence]):
                row[position] = self._pool[self._place(sequence, position)]

    def _compute(self, chunk: Chunk) -> int:
        """Run the forward pass of a chunk and return the token after it."""
        sequence, end = chunk.sequence, chunk.start + chunk.count
        known = self._truth[sequence]
        assert end <= len(known)
        expected = keys(known[:end], sequence.adapter)
        assert [self._read(sequence, p) for p in range(chunk.start)] == expected[: chunk.start]
        for position in range(chunk.start, end):
            self._write(sequence, position, expected[position])
        token = expected[-1] % VOCABULARY
        if chunk.samples:
            assert end == len(known)
            known.append(token)
        return token

    def _place(self, sequence: Sequence, position: int) -> tuple[int, int]:
        return sequence.blocks[position // self.blocks.size], position % self.blocks.size

    def _read(self, sequence: Sequence, position: int) -> int:
        if self._has_rows:
            return self._rows[sequence][position]
        return self._pool[self._place(sequence, position)]

    def _write(self, sequence: Sequence, position: int, key: int) -> None:
        place = self._place(sequence, position)
        holders = [s for s in self.scheduler.running if place[0] in s.blocks]
        assert holders == [sequence], "a shared block is written"
        if self._has_rows:
            self._rows[sequence][position] = key
        else:
            self._pool[place] = key

    def _learn(self, sampled: Sampled) -> None:
        for sequence, token in sampled:
            if sequence not in self._asks:
                continue
            self.scheduler.commit(sequence, token)
            assert sequence.tokens == self._truth[sequence][: len(sequence.tokens)]
            if token == EOS or len(sequence.tokens) == sequence.limit:
                self.ended.append((self._asks[sequence], sequence.tokens))
                self._remove(sequence)

    def _remove(self, sequence: Sequence) -> None:
        self._drain()
        self.scheduler.remove(sequence)
        self.scheduler.remove(sequence)
        del self._asks[sequence]
        if sequence in self._rows:
            self._spare_rows.append(self._rows.pop(sequence))
