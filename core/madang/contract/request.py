"""What travels from a bot to a worker."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from madang.contract.prompt import Prompt

RequestClass = Literal["interactive", "background", "bulk"]

TokenCount = Annotated[int, Meta(ge=1)]
Temperature = Annotated[float, Meta(ge=0, le=100)]
TopP = Annotated[float, Meta(gt=0, le=1)]
TopK = Annotated[int, Meta(ge=0)]
MinP = Annotated[float, Meta(ge=0, le=1)]
RepetitionPenalty = Annotated[float, Meta(gt=0, le=100)]
StopString = Annotated[str, Meta(min_length=1)]


class Sampling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how tokens are drawn; the defaults are greedy decoding.

    `temperature` 0 is greedy; `top_k` 0, `top_p` 1, `min_p` 0 and `repetition_penalty` 1 mean off.
    `stop` strings end the answer and are not part of it. `max_length` bounds prompt and answer
    together, as `generate` knows it; a prompt that is as long by itself gets `max_new_tokens`.
    The worker counts it, so that a backend sees `max_new_tokens` only. Ranges are checked on
    decoding.
    """

    max_new_tokens: TokenCount = 256
    max_length: TokenCount | None = None
    temperature: Temperature = 0.0
    top_p: TopP = 1.0
    top_k: TopK = 0
    min_p: MinP = 0.0
    repetition_penalty: RepetitionPenalty = 1.0
    stop: tuple[StopString, ...] = ()
    seed: int | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask a model for one answer; `id` and `nonce` together make a submission idempotent.

    `deadline` is in seconds since the epoch; after it nobody starts the request any more.
    """

    id: str
    nonce: str
    conversation: str
    user: str
    model: str
    prompt: Prompt
    sampling: Sampling
    deadline: float
    adapter: str = ""
    request_class: RequestClass = "interactive"
