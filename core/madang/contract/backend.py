"""The door between a worker and what generates."""

from collections.abc import AsyncGenerator, Callable
from typing import Literal, Protocol, runtime_checkable

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


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """Tell what a backend did since it was loaded; 0 where it does not know.

    `mean_batch` and `largest_batch` count requests that were computed together, `mixed_steps` the
    steps in which they spoke with several adapters. Of the prompts, `cached_tokens` were found in
    the KV cache and `prompt_tokens` were computed. `tokens_per_second` is of the last ten seconds,
    `first_token_seconds` the median wait of the last requests.
    """

    slots: int = 0
    waiting: int = 0
    running: int = 0
    steps: int = 0
    mixed_steps: int = 0
    mean_batch: float = 0.0
    largest_batch: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    preemptions: int = 0
    blocks: int = 0
    used_blocks: int = 0
    tokens_per_second: float = 0.0
    first_token_seconds: float = 0.0

    @property
    def cache_hit_rate(self) -> float:
        """Return the share of prompt tokens that were not computed again."""
        asked = self.prompt_tokens + self.cached_tokens
        return self.cached_tokens / asked if asked else 0.0


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

    @property
    def metrics(self) -> Metrics:
        """Return what it did so far; callable at any time."""
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
        """Free the model's memory; a later `load` takes it again."""
        ...


@runtime_checkable
class Resident(Protocol):
    """Say what the model will take; a backend without this takes no memory of this machine."""

    async def need(self, limit: int | None) -> int:
        """Return the bytes that the model takes once loaded, KV cache included; loads nothing.

        `limit` is all that models may take together, None when nobody knows. A model that alone
        takes more raises `ModelNotLoaded` with what of it would fit.
        """
        ...


class BackendFactory(Protocol):
    """Make the backend of one `[models.NAME]` table; cheap, since nothing is loaded yet."""

    def __call__(self, name: str, model: Model, /) -> Backend:
        """Return a backend, or raise `ModelError` when the table cannot be served."""
        ...
