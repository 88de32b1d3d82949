"""What is asked of the bench of the queue."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from madang.bench.queue.candidates import PEERS
from madang.bench.queue.messages import Job

PIECES = 256
ENDLESS = 1_000_000
TYPING_SECONDS = 0.02

Pair = tuple[Job, Job]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Hold the options; each measurement lasts `seconds`, with `requests` in flight at once.

    `url` is an empty database, or empty for a server of our own. `python` is the interpreter of
    the peers, empty for this one.
    """

    seconds: float = 1.5
    rounds: int = 3
    requests: int = 64
    lease: float = 3.0
    peers: Sequence[str] = PEERS
    url: str = ""
    python: str = ""

    def pair(self, url: str, *, tuned: bool = True) -> Pair:
        """Return a worker that answers at once, and its bot."""
        return _with_bot(replace(self._job(url), tuned=tuned))

    def streaming(self, url: str) -> Pair:
        """Return a worker that streams as fast as it can, and its bot."""
        return _with_bot(replace(self._job(url), role="streamer", pieces=PIECES))

    def typing(self, url: str) -> Pair:
        """Return a worker that types without end on a short lease, and its bot."""
        endless = replace(self._job(url), role="streamer", pieces=ENDLESS)
        return _with_bot(replace(endless, pause=TYPING_SECONDS, lease=self.lease))

    def _job(self, url: str) -> Job:
        name = uuid.uuid4().hex
        return Job(role="worker", url=url, namespace=name, in_flight=self.requests)


def _with_bot(worker: Job) -> Pair:
    return worker, replace(worker, role="bot")
