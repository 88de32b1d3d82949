"""Faults on demand: what goes wrong with which request, once or several times."""

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from madang.testing.discord.bell import Bell

Kind = Literal["limit", "status", "drop", "lose", "slow"]


@dataclass(eq=False, kw_only=True)
class Fault:
    """Wait for the `nth` matching request and spoil it and the `times - 1` after it."""

    kind: Kind
    method: str
    path: str
    where: Callable[[Any], bool]
    nth: int
    times: int
    seconds: float = 0.0
    status: int = 0
    seen: int = 0
    hits: int = 0
    bell: Bell = field(default_factory=Bell)

    def strikes(self, method: str, path: str, body: object) -> bool:
        """Tell whether this request is spoilt, and count it."""
        if method != self.method or not fnmatch.fnmatchcase(path, self.path):
            return False
        if not self.where(body):
            return False
        self.seen += 1
        if not self.nth <= self.seen < self.nth + self.times:
            return False
        self.hits += 1
        self.bell.ring()
        return True

    async def struck(self, *, hits: int = 1, limit: float = 5.0) -> None:
        """Wait until the fault spoilt `hits` requests."""
        await self.bell.until(
            lambda: self.hits >= hits,
            limit=limit,
            tell=lambda: f"{self.kind} on {self.method} {self.path} struck {self.hits} times",
        )


def _any(body: object) -> bool:
    return True


class Faults:
    """Order faults; paths are patterns such as `/channels/*/messages/*`, without the version.

    `where` looks at the decoded body, so that a fault can wait for the final edit; `nth` counts
    matching requests from 1; each method returns the fault, whose `hits` tell what happened.
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def take(self, method: str, path: str, body: object) -> Fault | None:
        """Return the fault that strikes this request; those ordered later do not see it."""
        return next((fault for fault in self._faults if fault.strikes(method, path, body)), None)

    def limits(self, method: str, path: str, *, retry_after: float, **which: Any) -> Fault:
        """Answer 429 with `retry_after` seconds, without any effect."""
        return self._add("limit", method, path, seconds=retry_after, **which)

    def fails(self, method: str, path: str, *, status: int = 500, **which: Any) -> Fault:
        """Answer with an error status, without any effect."""
        return self._add("status", method, path, status=status, **which)

    def drops(self, method: str, path: str, **which: Any) -> Fault:
        """Cut the connection before the request has any effect."""
        return self._add("drop", method, path, **which)

    def loses_answer(self, method: str, path: str, **which: Any) -> Fault:
        """Do what is asked and cut the connection instead of answering."""
        return self._add("lose", method, path, **which)

    def slows(self, method: str, path: str, *, seconds: float, **which: Any) -> Fault:
        """Wait before the request takes effect."""
        return self._add("slow", method, path, seconds=seconds, **which)

    def clear(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def _add(
        self,
        kind: Kind,
        method: str,
        path: str,
        *,
        seconds: float = 0.0,
        status: int = 0,
        nth: int = 1,
        times: int = 1,
        where: Callable[[Any], bool] = _any,
    ) -> Fault:
        fault = Fault(
            kind=kind,
            method=method,
            path=path,
            where=where,
            nth=nth,
            times=times,
            seconds=seconds,
            status=status,
        )
        self._faults.append(fault)
        return fault
