"""Who takes part, by name, and how each is set up."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

OURS = "madang"
CLIENT = ("redis", "hiredis")


@dataclass(frozen=True)
class Candidate:
    """Name a candidate's module and the packages whose versions matter.

    `tuned` says how it is set up, `shipped` what it does by itself instead.
    """

    module: str
    packages: tuple[str, ...]
    tuned: str = ""
    shipped: str = ""


CANDIDATES: Mapping[str, Candidate] = MappingProxyType(
    {
        OURS: Candidate("madang.bench.queue.ours", CLIENT),
        "saq": Candidate(
            "madang.bench.queue.peers.saq",
            ("saq", *CLIENT),
            "waits for the end by publish and subscribe (job.refresh), 64 jobs at a time",
            "queue.apply asks every 0.5 s, 10 jobs at a time",
        ),
        "taskiq": Candidate(
            "madang.bench.queue.peers.taskiq",
            ("taskiq", "taskiq-redis", *CLIENT),
            "stream broker; asks for the result every 1 ms, every 10 ms with many in flight",
            "asks for the result every 200 ms",
        ),
        "dramatiq": Candidate(
            "madang.bench.queue.peers.dramatiq",
            ("dramatiq", *CLIENT),
            "blocks for the result; 4 threads, an idle worker asks every 1 to 2 ms",
            "8 threads, an idle worker asks every 5 ms and then ever more rarely",
        ),
        "rq": Candidate(
            "madang.bench.queue.peers.rq",
            ("rq", *CLIENT),
            "blocks for the result; SimpleWorker, which does not fork",
            "Worker, which forks for every job",
        ),
    }
)
PEERS = tuple(name for name in CANDIDATES if name != OURS)
