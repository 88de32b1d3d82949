"""One measurement of each kind, with processes of its own that end with it."""

import time

from madang.bench.queue.candidates import OURS
from madang.bench.queue.child import Child
from madang.bench.queue.figures import Lap
from madang.bench.queue.messages import Order, Reply
from madang.bench.queue.plan import Plan
from madang.bench.queue.server import empty
from madang.errors import QueueError

WARM_UP_SECONDS = 0.3
TYPED_SECONDS = 0.3
"""How long a worker types alone, before another is there and it is killed."""


def race_ours(plan: Plan, url: str) -> tuple[Lap, list[float]]:
    """Measure our requests, and the round trips of a ping beside them."""
    empty(url)
    worker, bot = plan.pair(url)
    with Child(OURS, worker), Child(OURS, bot) as asking:
        lap = _lap(plan, asking)
        return lap, asking.ask(Order(what="ping", seconds=plan.seconds)).times


def race(plan: Plan, url: str, name: str) -> Lap:
    """Measure the requests of a peer."""
    empty(url)
    worker, bot = plan.pair(url)
    with Child(name, worker, plan.python), Child(name, bot, plan.python) as asking:
        return _lap(plan, asking)


def race_as_shipped(plan: Plan, url: str, name: str) -> list[float]:
    """Time round trips of a peer that waits as it does by itself."""
    empty(url)
    worker, bot = plan.pair(url, tuned=False)
    with Child(name, worker, plan.python), Child(name, bot, plan.python) as asking:
        return asking.ask(Order(what="one_by_one", seconds=plan.seconds)).times


def stream(plan: Plan, url: str) -> float:
    """Return the pieces a second that reach the bot whole and in order."""
    empty(url)
    worker, bot = plan.streaming(url)
    with Child(OURS, worker), Child(OURS, bot) as asking:
        asking.ask(Order(what="stream", seconds=min(WARM_UP_SECONDS, plan.seconds)))
        return _speed(asking.ask(Order(what="stream", seconds=plan.seconds)))


def recover(plan: Plan, url: str) -> float:
    """Kill a worker in the middle of an answer; return the seconds until another goes on."""
    empty(url)
    worker, bot = plan.typing(url)
    with Child(OURS, bot) as asking, Child(OURS, worker) as typing:
        asking.send(Order(what="interrupt"))
        time.sleep(TYPED_SECONDS)
        with Child(OURS, worker):
            killed = time.monotonic()
            typing.kill()
            reply = asking.receive()
    if not reply.count:
        raise QueueError("the answer had not begun when its worker was killed")
    return reply.at - killed


def _lap(plan: Plan, asking: Child) -> Lap:
    asking.ask(Order(what="at_once", seconds=min(WARM_UP_SECONDS, plan.seconds)))
    full = asking.ask(Order(what="at_once", seconds=plan.seconds))
    alone = asking.ask(Order(what="one_by_one", seconds=plan.seconds))
    return Lap(_speed(full), alone.times, asking.versions)


def _speed(reply: Reply) -> float:
    return reply.count / reply.seconds
