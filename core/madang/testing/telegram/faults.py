"""Faults: what goes wrong between a bot and the service, on demand."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from madang.testing.telegram.chats import Chat
from madang.testing.telegram.limits import DRAFTS, EDITS, SENDS
from madang.testing.telegram.params import Params


@dataclass(frozen=True)
class Flood:
    """Answer 429; the penalty holds for the method in that chat."""

    retry_after: int


@dataclass(frozen=True)
class Broken:
    """Answer with an HTTP error of the service, before anything is done."""

    status: int = 502


@dataclass(frozen=True)
class Cut:
    """Drop the connection before anything is done."""


@dataclass(frozen=True)
class Lost:
    """Do what was asked, then drop the connection instead of answering."""


@dataclass(frozen=True)
class Slow:
    """Do what was asked, and answer after some real seconds."""

    seconds: float


Fault = Flood | Broken | Cut | Lost | Slow


@dataclass
class _Plan:
    fault: Fault
    method: str
    chat: Chat | None
    skip: int
    times: int
    when: Callable[[Params], bool] | None

    def matches(self, method: str, chat: Chat | None, params: Params) -> bool:
        """Say whether a call is meant, and count it."""
        wanted = self.method in ("", method) and self.chat in (None, chat)
        if not wanted or (self.when and not self.when(params)):
            return False
        self.skip -= 1
        return self.skip < 0


class Faults:
    """Decide for each call what goes wrong; plans first, then the storm."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self._storm: Callable[[str], Fault | None] | None = None

    def plan(
        self,
        fault: Fault,
        method: str = "",
        *,
        chat: Chat | None = None,
        nth: int = 1,
        times: int = 1,
        when: Callable[[Params], bool] | None = None,
    ) -> None:
        """Let the nth matching call from now on fail, and `times` - 1 after it.

        `when` chooses calls by their parameters, such as the edit that carries an ending.
        """
        self._plans.append(_Plan(fault, method.lower(), chat, nth - 1, times, when))

    def storm(
        self,
        seed: int,
        *,
        sends: float = 1 / 3,
        edits: float = 0.5,
        longest: int = 2,
    ) -> None:
        """Answer 429 at random to a share of sends and of edits and drafts, until told to calm."""
        dice = random.Random(seed)

        def throw(method: str) -> Fault | None:
            share = sends if method in SENDS else edits if method in EDITS | DRAFTS else 0.0
            hit = share > 0 and dice.random() < share
            return Flood(dice.randint(1, longest)) if hit else None

        self._storm = throw

    def calm(self) -> None:
        """End the storm and forget all plans."""
        self._plans.clear()
        self._storm = None

    def draw(self, method: str, chat: Chat | None, params: Params) -> Fault | None:
        """Take what goes wrong with a call."""
        for plan in self._plans:
            if plan.matches(method, chat, params):
                plan.times -= 1
                if not plan.times:
                    self._plans.remove(plan)
                return plan.fault
        return self._storm(method) if self._storm else None
