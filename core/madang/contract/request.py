"""What travels from a bot to a worker."""

from typing import Literal

import msgspec

from madang.contract.prompt import Prompt

RequestClass = Literal["interactive", "background", "bulk"]


class Sampling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how tokens are drawn; the defaults are greedy decoding.

    `temperature` 0 is greedy; `top_k` 0, `top_p` 1, `min_p` 0 and `repetition_penalty` 1 mean off.
    `stop` strings end the answer and are not part of it.
    """

    max_new_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
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
