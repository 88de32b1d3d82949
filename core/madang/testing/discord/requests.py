"""The log of requests: what a bot asked of the API, and what it got."""

from dataclasses import dataclass
from typing import Any

from madang.testing.discord.bell import Bell


@dataclass(frozen=True)
class Request:
    """Be one request that was answered, at a time in seconds since the epoch."""

    method: str
    path: str
    body: Any
    status: int
    at: float


class Requests:
    """Keep all requests in the order of their answers."""

    def __init__(self) -> None:
        self.all: list[Request] = []
        self.bell = Bell()

    def note(self, request: Request) -> None:
        """Add a request."""
        self.all.append(request)
        self.bell.ring()

    def of(self, method: str, ending: str = "", *, status: int | None = None) -> list[Request]:
        """List the requests of a method whose path ends so, and whose status is so."""
        return [
            request
            for request in self.all
            if request.method == method
            and request.path.endswith(ending)
            and status in (None, request.status)
        ]

    async def seen(self, method: str, ending: str = "", *, limit: float = 5.0) -> Request:
        """Wait for such a request, and return the newest."""
        found = await self.bell.until(
            lambda: self.of(method, ending),
            limit=limit,
            tell=lambda: "\n".join(f"{r.method} {r.path} {r.status}" for r in self.all),
        )
        return found[-1]
