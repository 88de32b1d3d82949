"""A scheduler and what it is asked, said briefly."""

from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.scheduler import Scheduler, Step
from madang.inference.engine.sequence import Sequence

NOBODY: tuple[Sequence, ...] = ()


class Desk:
    """Hold a scheduler over blocks of 4 tokens, and say what it does briefly."""

    def __init__(
        self, total: int = 100, slots: int = 8, prefill: int = 100, prefill_beside: int = 100
    ) -> None:
        self.blocks = BlockManager(total, 4)
        self.scheduler = Scheduler(
            self.blocks, slots=slots, prefill=prefill, prefill_beside=prefill_beside
        )
        self._salt = 1000

    def add(
        self, prompt: int | list[int], room: int | None = None, adapter: str = "", priority: int = 0
    ) -> Sequence:
        """Add a request of some prompt, or of so many tokens that nobody else has.

        Its answer may take the whole cache unless `room` says how many tokens.
        """
        self._salt += 1000
        tokens = list(range(self._salt, self._salt + prompt)) if isinstance(prompt, int) else prompt
        sequence = Sequence(
            tokens=list(tokens),
            prompt_length=len(tokens),
            limit=self.blocks.capacity if room is None else len(tokens) + room,
            adapter=adapter,
            priority=priority,
        )
        self.scheduler.add(sequence)
        return sequence

    def schedule(self) -> Step:
        """Return the next step; there must be one."""
        step = self.scheduler.schedule()
        assert step is not None
        return step

    def commit(self, step: Step) -> None:
        """Let a step sample 7 for everybody."""
        for chunk in step.chunks:
            if chunk.samples:
                self.scheduler.commit(chunk.sequence, 7)

    def step(self) -> Step:
        """Schedule a step and learn its tokens."""
        step = self.schedule()
        self.commit(step)
        return step

    def filled(self) -> list[tuple[Sequence, int]]:
        """Take what became reusable."""
        filled = list(self.scheduler.filled)
        self.scheduler.filled.clear()
        return filled


def spans(step: Step) -> list[tuple[Sequence, int, int, bool]]:
    """Spell out the chunks of a step."""
    return [(chunk.sequence, chunk.start, chunk.count, chunk.samples) for chunk in step.chunks]
