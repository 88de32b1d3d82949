"""Which tokens the next step computes, and for whom."""

from bisect import insort
from dataclasses import dataclass

from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.sequence import Sequence


@dataclass(frozen=True, slots=True)
class Chunk:
    """Let a step compute `count` positions of a sequence from `start` on.

    `samples` says that they reach its end, so that the next token is sampled.
    """

    sequence: Sequence
    start: int
    count: int
    samples: bool


@dataclass(frozen=True)
class Step:
    """Hold what one forward pass computes.

    Chunks of one position that sample come first, in an order that stays from step to step;
    then the prefills. `preempted` have lost their blocks since the step before. After them,
    `admitted` got theirs: what each starts with is in the cache already, up to the `start` of
    its chunk. A sequence may be in both.
    """

    chunks: tuple[Chunk, ...]
    admitted: tuple[Sequence, ...]
    preempted: tuple[Sequence, ...]


class Scheduler:
    """Fill each step with decodes, then prefills, as far as slots, blocks and budgets go.

    `slots` is how many sequences run at most; `prefill` is how many prompt tokens a step
    computes when nobody decodes, and `prefill_beside` when somebody does, whom a long prompt
    would stall. Sequences go by priority, then arrival; nobody overtakes the first who waits.

    The steps run in the order in which they were scheduled. The next one may be scheduled while
    the tokens of earlier ones are unknown, but a step that will not run must be taken back by
    `retract` before. The caller removes a sequence when it has its last token.

    `filled` lists blocks that became reusable, as a sequence and an index into its block table.
    All of a listed block was computed by the steps before. The caller empties the list, in its
    order, after every `schedule`, also one that returned None, and before the step runs and the
    preempted lose their rows; and before the row of a removed sequence goes to another. Where
    the cache proper is a copy of the rows, it copies these blocks then. Blocks are found for
    reuse by `schedule` alone, so every block that a step reads has been copied before it.

    Not safe for threads.
    """

    def __init__(
        self, blocks: BlockManager, *, slots: int, prefill: int, prefill_beside: int
    ) -> None:
        if min(slots, prefill, prefill_beside) < 1:
            raise ValueError("slots and budgets must be positive, or nothing ever runs")
        self.capacity = blocks.capacity
        self.filled: list[tuple[Sequence, int]] = []
        self.blocks = blocks
        self.slots = slots
        self._prefill = prefill
        self._prefill_beside = prefill_beside
        self._most = slots, prefill, prefill_beside
        self._waiting: list[Sequence] = []
        self._running: dict[Sequence, None] = {}
        self._prefilled: list[Sequence] = []
        self._preempted: list[Sequence] = []
        self._arrivals = 0

    @property
    def waiting(self) -> int:
        """Count the sequences that wait, preempted ones included."""
        return len(self._waiting)

    @property
    def running(self) -> list[Sequence]:
        """List the sequences that hold blocks, in the order of their admission."""
        return list(self._running)

    @property
    def idle(self) -> bool:
        """Say that no sequence is left."""
        return not self._waiting and not self._running

    def add(self, sequence: Sequence) -> None:
        """Let a sequence wait; `ValueError` unless 0 < tokens < limit <= `capacity`."""
        if not 0 < len(sequence.tokens) < sequence.limit <= self.capacity:
            raise ValueError(
                f"{len(sequence.tokens)} tokens with a limit of {sequence.limit} cannot be served"
                f" by a cache of {self.capacity}"
            )
        self._arrivals += 1
        sequence.arrival = self._arrivals
        self._wait(sequence)

    def schedule(self) -> Step | None:
        """Plan the next step, as if it had run already when this returns.

        None when nothing is left to run before a step in flight is known.
        """
        self._fill_prefilled()
        known = len(self._preempted)
        decodes = [_advance(sequence, 1) for sequence in self._decoding()]
        budget = self._prefill_beside if decodes else self._prefill
        prefills = self._go_on(budget)
        budget -= sum(chunk.count for chunk in prefills)
        # Where somebody just lost blocks, whoever came in would be the next to lose them.
        admitted = self._admit(budget) if len(self._preempted) == known else []
        for chunk in admitted:
            (decodes if chunk.samples and chunk.count == 1 else prefills).append(chunk)
        self._prefilled = [chunk.sequence for chunk in prefills]
        return self._step(decodes + prefills, admitted)

    def commit(self, sequence: Sequence, token: int) -> None:
        """Append a token that a step sampled for a sequence, wherever the sequence is by now."""
        sequence.tokens.append(token)
        sequence.pending -= 1
        if sequence in self._running:
            # The token was sampled from the position before it, which is thus computed.
            self._fill(sequence, len(sequence.tokens) - 1)

    def retract(self, step: Step) -> None:
        """Take back the step scheduled last, which did not run.

        Its admitted sequences stay admitted and will not be listed again.
        """
        for chunk in step.chunks:
            chunk.sequence.pending -= chunk.samples
            if chunk.sequence in self._running:
                chunk.sequence.computed = chunk.start

    def remove(self, sequence: Sequence) -> None:
        """Forget a sequence and let go of its blocks, also while it is in flight or unknown."""
        if sequence in self._running:
            del self._running[sequence]
            self.blocks.release(sequence.blocks)
        elif sequence in self._waiting:
            self._waiting.remove(sequence)
        if sequence in self._preempted:
            self._preempted.remove(sequence)

    @property
    def most(self) -> int:
        """Return the slots there are when nothing is narrowed."""
        return self._most[0]

    def narrow(self, slots: int) -> None:
        """Let no more than so many sequences run, preempting the last in order."""
        self.slots = slots
        while len(self._running) > slots:
            self._preempt(max(self._running, key=_order))

    def shorten(self) -> bool:
        """Halve the prompt tokens of a step; False where they cannot be fewer."""
        if self._prefill == self._prefill_beside == 1:
            return False
        self._prefill = max(1, self._prefill // 2)
        self._prefill_beside = max(1, self._prefill_beside // 2)
        return True

    def widen(self) -> None:
        """Double what was narrowed or shortened, up to what it was at first."""
        slots, prefill, prefill_beside = self._most
        self.slots = min(slots, 2 * self.slots)
        self._prefill = min(prefill, 2 * self._prefill)
        self._prefill_beside = min(prefill_beside, 2 * self._prefill_beside)

    def _decoding(self) -> list[Sequence]:
        """List who lacks one position only, with room for it; preempt until they have it."""
        size = self.blocks.size
        ready = [s for s in self._running if s.computed + 1 == s.length < s.limit]
        needy = [s for s in ready if len(s.blocks) * size < s.length]
        while len(needy) > self.blocks.free:
            self._preempt(max(self._running, key=_order))
            needy = [sequence for sequence in needy if sequence in self._running]
        for sequence in needy:
            sequence.blocks += self.blocks.allocate(1)
        return [sequence for sequence in ready if sequence in self._running]

    def _go_on(self, budget: int) -> list[Chunk]:
        """Go on with the prefills that have begun."""
        chunks: list[Chunk] = []
        for sequence in self._running:
            missing = sequence.length - sequence.computed
            if budget and missing > 1:
                chunks.append(_advance(sequence, min(missing, budget)))
                budget -= chunks[-1].count
        return chunks

    def _admit(self, budget: int) -> list[Chunk]:
        """Begin the prefills of those who waited longest."""
        chunks: list[Chunk] = []
        while budget and self._waiting and len(self._running) < self.slots:
            sequence = self._waiting[0]
            if not self._found_room(sequence):
                break
            del self._waiting[0]
            self._running[sequence] = None
            missing = sequence.length - sequence.computed
            chunks.append(_advance(sequence, min(missing, budget)))
            budget -= chunks[-1].count
        return chunks

    def _found_room(self, sequence: Sequence) -> bool:
        if sequence.pending or sequence.length >= sequence.limit:
            return False
        size = self.blocks.size
        spare = sum(len(s.blocks) * size < s.length < s.limit for s in self._running)
        room = self.blocks.admit(sequence.tokens, sequence.adapter, spare)
        if room is None:
            return False
        sequence.blocks, sequence.computed = room
        sequence.registered = sequence.computed // size
        if not sequence.preemptions:
            sequence.cached = sequence.computed
        return True

    def _step(self, chunks: list[Chunk], admitted: list[Chunk]) -> Step | None:
        if not chunks:
            return None
        sequences = tuple(chunk.sequence for chunk in admitted)
        preempted, self._preempted = tuple(self._preempted), []
        return Step(tuple(chunks), sequences, preempted)

    def _preempt(self, sequence: Sequence) -> None:
        # A step in flight may still write to the blocks: their next holder's step comes after it.
        del self._running[sequence]
        self.blocks.release(sequence.blocks)
        sequence.computed = 0
        sequence.preemptions += 1
        self._wait(sequence)
        self._preempted.append(sequence)

    def _wait(self, sequence: Sequence) -> None:
        insort(self._waiting, sequence, key=_order)

    def _fill_prefilled(self) -> None:
        for sequence in self._prefilled:
            if sequence in self._running:
                self._fill(sequence, sequence.computed)
        self._prefilled = []

    def _fill(self, sequence: Sequence, computed: int) -> None:
        while (sequence.registered + 1) * self.blocks.size <= computed:
            index = sequence.registered
            self.blocks.register(sequence.blocks, index, sequence.tokens, sequence.adapter)
            self.filled.append((sequence, index))
            sequence.registered += 1


def _advance(sequence: Sequence, count: int) -> Chunk:
    start = sequence.computed
    samples = start + count == sequence.length
    sequence.computed = start + count
    sequence.pending += samples
    return Chunk(sequence, start, count, samples)


def _order(sequence: Sequence) -> tuple[int, int]:
    return sequence.priority, sequence.arrival
