"""The door between a worker and what generates."""

from collections.abc import AsyncGenerator, Callable
from typing import Literal, Protocol

import msgspec

from madang.contract.model import Capabilities, Model
from madang.contract.prompt import Prompt
from madang.contract.request import Request


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """Carry what a backend has generated since the last one; the last one has a `reason`.

    Token counts are totals so far; 0 where they are not known yet.
    """

    text: str = ""
    reason: Literal["", "stop", "length"] = ""
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


LoadProgress = Callable[[float], None]


class Backend(Protocol):
    """Serve one model: count, generate, and say beforehand what it can honour."""

    @property
    def capabilities(self) -> Capabilities:
        """Declare what the backend honours; readable without loading anything."""
        ...

    @property
    def context(self) -> int:
        """Return the context in tokens, prompt and answer together; known once loaded."""
        ...

    async def load(self, progress: LoadProgress) -> None:
        """Make the model ready, reporting from 0 to 1; a second call returns at once."""
        ...

    async def count(self, prompt: Prompt) -> int:
        """Count the tokens of a prompt as the model will read it, template included."""
        ...

    def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Generate an answer; closing the stream cancels it at the next token."""
        ...

    async def close(self) -> None:
        """Free the model's memory."""
        ...


class BackendFactory(Protocol):
    """Make the backend of one `[models.NAME]` table; cheap, since nothing is loaded yet."""

    def __call__(self, name: str, model: Model, /) -> Backend:
        """Return a backend, or raise `ModelError` when the table cannot be served."""
        ...
