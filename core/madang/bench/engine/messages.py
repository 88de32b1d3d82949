"""What the parent and a candidate's process say to each other, one JSON line at a time."""

import msgspec

from madang.contract.model import Dtype, Quantisation


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Tell a candidate what to load and how large a batch to be ready for.

    `folder` is that of `checkpoint.make`; `longest` is prompt and answer together, in tokens.
    """

    folder: str
    dtype: Dtype
    threads: int
    requests: int
    longest: int
    quantisation: Quantisation = "none"
    adapters: dict[str, str] = {}


class Ask(msgspec.Struct, frozen=True):
    """Hold one prompt as token ids, and the adapter to answer with."""

    ids: list[int]
    adapter: str = ""


class Order(msgspec.Struct, frozen=True):
    """Ask everything at once, greedily; every answer has exactly `new_tokens` tokens."""

    asks: list[Ask]
    new_tokens: int


class Run(msgspec.Struct, frozen=True):
    """Hold how an order went; times are seconds since all of it was submitted.

    `arrivals` has one time for every token of every answer, `cached` the tokens of each prompt
    that were not read again.
    """

    seconds: float
    arrivals: list[list[float]]
    tokens: list[list[int]]
    cached: list[int] = []


class Limit(msgspec.Struct, frozen=True):
    """Hold what the machine could do at the batch of an order.

    `passes` maps each way to multiply to the seconds of one pass through all linear layers;
    `step_bytes` is what one decode step has to read, at `copy_bandwidth` bytes a second.
    """

    passes: dict[str, float]
    step_bytes: int = 0
    copy_bandwidth: float | None = None


class Problem(msgspec.Struct, frozen=True):
    """Carry an error that names its culprit over to the parent; `missing` is a package."""

    message: str
    hint: str
    missing: bool = False


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Answer an order, or say that loading is done; `peak` is in bytes since before loading."""

    run: Run | None = None
    limit: Limit | None = None
    peak: int | None = None
    problem: Problem | None = None
