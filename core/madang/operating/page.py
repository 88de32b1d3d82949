"""What monitors ask for, and what they are answered."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, NamedTuple

Check = Callable[[], Awaitable[str]]
"""`await check()`: why something is not ready, in words for whoever runs it; empty when it is."""


class Page(NamedTuple):
    """Answer one request."""

    status: int
    body: bytes
    kind: str = "application/json"


Pages = Mapping[str, Callable[[], Coroutine[Any, Any, Page]]]
"""By path, what makes the page; it runs in the event loop."""
