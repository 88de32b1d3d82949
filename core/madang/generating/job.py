"""The job of one document: several samples of every passage, a few at a time."""

import asyncio
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from madang.contract import Problem, Progress
from madang.errors import BadAnswer, PromptTooLong, Refused, RequestTooLarge, error_code
from madang.generating.asker import Asker
from madang.generating.passages import Passage
from madang.generating.sampler import Pair, Sampler

AT_ONCE = 4
"""So many samples of one job are on their way: enough to share a batch."""
OF_ONE_PASSAGE = frozenset(map(error_code, (BadAnswer, PromptTooLong, Refused, RequestTooLarge)))
"""The problems after which other passages may fare better; any other one ends the job."""


@dataclass(frozen=True, kw_only=True)
class Headway:
    """Tell how far a job is: samples `done` of `total`, and how many pairs are `kept` of them.

    `waiting` is what a request is waiting for, such as its turn or a model; None once one came.
    """

    passages: int
    total: int
    done: int = 0
    kept: int = 0
    waiting: Progress | None = None


Watch = Callable[[Headway], None]
"""Is called whenever something changes, from the event loop: it must return at once."""


@dataclass(kw_only=True)
class Job:
    """Share the samples of all passages among samplers; once cancelled, what is done stays.

    `dropped` counts the samples that came to nothing and `repeated` the questions that were asked
    already. `problem` ended the job early, or else is what the last dropped sample came to.
    """

    asker: Asker
    passages: Sequence[Passage]
    samples: int
    cancel: asyncio.Event
    watch: Watch
    done: int = 0
    dropped: int = 0
    repeated: int = 0
    failed: bool = False
    problem: Problem | None = None
    _pairs: dict[str, tuple[int, Pair]] = field(default_factory=dict)

    @property
    def pairs(self) -> list[Pair]:
        """Return what was kept, in the order of the document."""
        return [pair for _, pair in sorted(self._pairs.values(), key=lambda kept: kept[0])]

    @property
    def total(self) -> int:
        """Count the samples that are asked for."""
        return len(self.passages) * self.samples

    async def run(self) -> None:
        """Work until all is done, something stands in the way of the rest, or it is cancelled."""
        self.tell()
        left = self._samples()
        samplers = [
            Sampler(asker=self.asker, cancel=self.cancel, tell=self.tell) for _ in range(AT_ONCE)
        ]
        stopper = asyncio.create_task(self._stop_when_cancelled(samplers))
        try:
            async with asyncio.TaskGroup() as group:
                for sampler in samplers:
                    group.create_task(self._work(sampler, left))
        finally:
            stopper.cancel()

    def tell(self, waiting: Progress | None = None) -> None:
        """Have whoever watches know how far it is."""
        self.watch(
            Headway(
                passages=len(self.passages),
                total=self.total,
                done=self.done,
                kept=len(self._pairs),
                waiting=waiting,
            )
        )

    def _samples(self) -> Iterator[tuple[int, Passage, int]]:
        """Walk the samples; those of one passage follow each other, so that they share a prompt."""
        for index, passage in enumerate(self.passages):
            for number in range(self.samples):
                yield index * self.samples + number, passage, number

    async def _work(self, sampler: Sampler, left: Iterator[tuple[int, Passage, int]]) -> None:
        for order, passage, number in left:
            outcome = await sampler.pair(passage, number)
            if outcome is None:
                return
            self._take(order, outcome)
            self.tell()
            if self.cancel.is_set() or self.failed:
                return

    def _take(self, order: int, outcome: Pair | Problem) -> None:
        if isinstance(outcome, Problem):
            if outcome.code in OF_ONE_PASSAGE:
                self.dropped += 1
                self.done += 1
            if not self.failed:
                self.problem = outcome
                self.failed = outcome.code not in OF_ONE_PASSAGE
            return
        self.done += 1
        key = _letters(outcome.question)
        known = self._pairs.get(key)
        self.repeated += known is not None
        if known is None or order < known[0]:
            self._pairs[key] = order, outcome

    async def _stop_when_cancelled(self, samplers: Sequence[Sampler]) -> None:
        await self.cancel.wait()
        for sampler in samplers:
            await sampler.stop()


def _letters(question: str) -> str:
    """Return what of a question counts when it is compared."""
    text = unicodedata.normalize("NFKC", question).casefold()
    return "".join(filter(str.isalnum, text)) or text
