"""One admitted request, from its submission to its end."""

import asyncio
from dataclasses import dataclass, field

from madang.contract import End, Job, Problem, Request, Submitted
from madang.errors import WorkerLost, error_code
from madang.queue.fair import Ticket
from madang.queue.log import Log


@dataclass(kw_only=True)
class Entry:
    """Follow one admitted request; `worker` is who runs it, None while it waits.

    `deadline` is the request's, later by as long as its model loaded meanwhile.
    """

    request: Request
    answer: Submitted
    ticket: Ticket
    log: Log
    submitted: float
    deadline: float
    worker: str | None = None
    taken: float = 0.0
    cancelled: bool = False
    told: bool = False
    expiry: asyncio.TimerHandle | None = field(default=None, repr=False)

    def hand_to(self, worker: str, now: float) -> Job:
        """Begin a delivery."""
        self.worker, self.taken, self.told = worker, now, False
        self.log.begin(self.log.attempt + 1)
        return Job(request=self.request, attempt=self.log.attempt)

    def runs_as(self, attempt: int) -> bool:
        """Say whether a delivery is the current one."""
        return self.worker is not None and self.log.attempt == attempt

    @property
    def loading(self) -> bool:
        """Say whether its model loads, as far as the worker told."""
        progress = self.log.progress
        return self.worker is not None and progress is not None and progress.phase == "loading"

    def stood_still(self, since: float, now: float) -> None:
        """Move the deadline by the time that the model took to load."""
        self.deadline += now - max(since, self.submitted)

    def stop_clock(self) -> None:
        """Let the deadline pass unnoticed."""
        if self.expiry is not None:
            self.expiry.cancel()
            self.expiry = None

    def cancelled_end(self) -> End:
        """Make the end of a request that somebody cancelled, with the text so far."""
        log = self.log
        attempt = max(1, log.attempt)
        return End(request=log.request, text=log.text, reason="cancelled", attempt=attempt)

    def overdue_end(self) -> End:
        """Make the end of a request that nobody took in time."""
        what = f"No worker took request '{self.request.id}' before its deadline."
        return lost(self.log, what)


def lost(log: Log, what: str) -> End:
    """Make the end of a request that no worker will answer."""
    return End(
        request=log.request,
        text=log.text,
        reason="error",
        problem=Problem(error_code(WorkerLost), what, "Ask again."),
        attempt=max(1, log.attempt),
    )
