"""The desk: takes each call through faults, limits and its method to an answer."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from madang.testing.telegram.calls import Call
from madang.testing.telegram.chats import Chat
from madang.testing.telegram.checking import problems_of
from madang.testing.telegram.faults import Broken, Cut, Fault, Faults, Flood, Lost, Slow
from madang.testing.telegram.limits import Budget
from madang.testing.telegram.methods import METHODS
from madang.testing.telegram.params import Params
from madang.testing.telegram.reading import find_chat
from madang.testing.telegram.wire import Json, Refusal, flooded
from madang.testing.telegram.world import World

LONGEST_POLL = 50


class Dropped(Exception):
    """Say that the connection is to be dropped instead of answered."""


@dataclass
class Desk:
    """Answer calls, and record each."""

    world: World
    faults: Faults
    budget: Budget
    calls: list[Call]

    async def answer(self, method: str, params: Params) -> tuple[int, Json]:
        """Return the HTTP status and the body; `Dropped` where there is to be none."""
        chat = find_chat(self.world, params)
        now = self.world.clock.now()
        call = Call(method=method, chat_id=chat.id if chat else 0, params=params, began=now)
        self.calls.append(call)
        try:
            fault = self.faults.draw(method.lower(), chat, params)
            call.fault = type(fault).__name__.lower() if fault else ""
            self._before(fault, method.lower(), chat)
            result = await self._result(method.lower(), params)
            await _after(fault)
        except Refusal as refusal:
            self._close(call, refusal.code, refusal.description)
            return refusal.code, refusal.payload()
        except Dropped:
            self._close(call, 0, "dropped")
            raise
        except Exception as failure:
            self.world.problems.append(f"{method}: {failure!r}")
            self._close(call, 500, repr(failure))
            raise
        problems = problems_of(method.lower(), result) if method.lower() != "getupdates" else []
        self.world.problems += [f"{method}: {problem}" for problem in problems]
        call.ignored = params.unread
        self._close(call, 200, "")
        return 200, {"ok": True, "result": result}

    def _before(self, fault: Fault | None, method: str, chat: Chat | None) -> None:
        now = self.world.clock.now()
        if isinstance(fault, Cut):
            raise Dropped
        if isinstance(fault, Broken):
            raise Refusal(fault.status, HTTPStatus(fault.status).phrase)
        wait = self.budget.take(method, chat, now) if chat else 0
        if isinstance(fault, Flood) and not wait:
            wait = fault.retry_after
            if chat:
                self.budget.punish(method, chat, wait, now)
        if wait:
            raise flooded(wait)

    async def _result(self, method: str, params: Params) -> object:
        if method == "getupdates":
            return await self._updates(params)
        if method not in METHODS:
            raise Refusal(404, "Not Found")
        return METHODS[method](self.world, params)

    async def _updates(self, params: Params) -> list[Json]:
        updates = self.world.updates
        updates.allow(params.array("allowed_updates") if "allowed_updates" in params else None)
        limit = max(1, min(100, params.integer("limit", 100)))
        seconds = max(0, min(LONGEST_POLL, params.integer("timeout")))
        return await updates.poll(params.integer("offset"), limit, seconds)

    def _close(self, call: Call, code: int, description: str) -> None:
        call.code, call.description, call.ended = code, description, self.world.clock.now()
        self.world.changes.tell()


async def _after(fault: Fault | None) -> None:
    if isinstance(fault, Slow):
        await asyncio.sleep(fault.seconds)
    if isinstance(fault, Lost):
        raise Dropped
