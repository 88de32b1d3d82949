"""What servers answer, as far as it is read; everything else in it is passed over."""

from typing import Any, TypeVar

import msgspec
from msgspec import field

T = TypeVar("T")


class ServedMeta(msgspec.Struct, frozen=True):
    """Hold what llama.cpp tells of a model: `n_ctx` is what one slot of it has."""

    n_ctx: int | None = None


class Served(msgspec.Struct, frozen=True):
    """Hold one entry of /v1/models."""

    id: str
    aliases: tuple[str, ...] | None = None
    max_model_len: int | None = None
    meta: ServedMeta | None = None

    @property
    def context(self) -> int:
        """Return the context in tokens, 0 where the server does not tell it."""
        return self.max_model_len or (self.meta and self.meta.n_ctx) or 0


class ServedList(msgspec.Struct, frozen=True):
    """Hold the answer of /v1/models."""

    data: tuple[Served, ...]


class Delta(msgspec.Struct, frozen=True):
    """Hold what a chat adds; thoughts of a reasoning model come beside it and are passed over."""

    content: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """Hold what a completion (`text`) or a chat (`delta`) adds, and why it ended."""

    text: str | None = None
    delta: Delta | None = None
    finish_reason: str | None = None


class PromptDetails(msgspec.Struct, frozen=True):
    """Hold how much of a prompt was found in the server's cache."""

    cached_tokens: int | None = None


class TokenUsage(msgspec.Struct, frozen=True):
    """Hold the tokens of a whole answer."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None

    @property
    def cached(self) -> int:
        """Return the tokens found in the cache, 0 where the server does not tell."""
        return (self.prompt_tokens_details and self.prompt_tokens_details.cached_tokens) or 0


class Chunk(msgspec.Struct, frozen=True):
    """Hold one event of a stream; an `error`, or the kind "error", says that it failed."""

    choices: tuple[Choice, ...] | None = None
    usage: TokenUsage | None = None
    error: Any = None
    kind: str | None = field(name="object", default=None)
    message: str | None = None

    @property
    def text(self) -> str:
        """Return what the answer grows by."""
        choice = self.choices[0] if self.choices else Choice()
        return choice.text or (choice.delta and choice.delta.content) or ""

    @property
    def reason(self) -> str:
        """Return why the answer ended, empty as long as it has not."""
        return (self.choices and self.choices[0].finish_reason) or ""

    @property
    def failure(self) -> str:
        """Return the server's words on what failed, empty when nothing did."""
        if self.error is not None:
            return words_of(self.error)
        return self.message or "error" if self.kind == "error" else ""


class LoadStep(msgspec.Struct, frozen=True):
    """Hold one event of /load_model of `transformers serve`."""

    status: str
    message: str = ""


def decode(text: str, kind: type[T]) -> T | None:
    """Read JSON as `kind`; None when it is not that."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError):
        return None


def words_of(error: Any) -> str:
    """Find what an error says: servers nest it differently."""
    if isinstance(error, dict):
        inner = (error[key] for key in ("error", "message", "detail", "msg") if error.get(key))
        return words_of(next(inner, "")) or str(error)
    if isinstance(error, list) and error:
        return words_of(error[0])
    return str(error) if error else ""
