"""What a model is: weights, adapters and how they are served; named in the profile."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Dtype = Literal["auto", "float32", "bfloat16", "float16"]
Quantisation = Literal["none", "int8", "nf4"]
Engine = Literal["batched", "plain", "auto"]
ServerKind = Literal["openai", "vllm", "sglang", "llama.cpp", "transformers"]

Slots = Annotated[int, Meta(ge=0, le=4096)]
Tokens = Annotated[int, Meta(ge=0)]
SlotCount = Annotated[int, Meta(ge=1, le=4096)]
WaitSeconds = Annotated[float, Meta(gt=0, le=86400)]
RetryCount = Annotated[int, Meta(ge=0, le=10)]


class SpecialIds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Override special token ids that a checkpoint states wrongly; None keeps the checkpoint's."""

    bos: int | None = None
    eos: tuple[int, ...] | None = None
    pad: int | None = None


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say which server generates, where the backend is one that asks another machine.

    `url` is where its API begins; `/v1` is added to one without a path. `kind` says which fields
    it takes beyond the standard ones. `model` is the name it serves the model under; empty means
    the table's `source`. The key of the API is read from the environment variable `api_key_env` or
    from the file `api_key_file`. `slots` is how many requests it gets at once. `connect_seconds`
    bounds reaching it, `read_seconds` the time without a token, and `retries` counts the further
    tries before the first one.
    """

    url: str = ""
    kind: ServerKind = "openai"
    model: str = ""
    api_key_env: str = ""
    api_key_file: str = ""
    slots: SlotCount = 16
    connect_seconds: WaitSeconds = 5.0
    read_seconds: WaitSeconds = 120.0
    retries: RetryCount = 2


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Describe one `[models.NAME]` table; only workers read the weights.

    `source` is a folder, `package:PACKAGE/PATH` for weights carried by a Python package, or the
    `OWNER/NAME` of a hub repository, of which `revision` is a branch, a tag or a commit; a
    tokenizer or an adapter has one of its own as `OWNER/NAME@REVISION`. `adapters` maps a name to
    a source. `context` is in tokens and counts prompt and answer together; 0 takes it from the
    checkpoint. Quantisation `nf4` is with double quantisation and computes in `dtype`.
    `engine` says whether requests share batches, wait for each other, or do so only where batches
    would not be exact. `slots` is how many run at once and `cache_tokens` what the KV cache holds
    of them all; 0 leaves it to the engine.
    `restriction` is what the licence forbids, such as "non-commercial": such a model loads only
    when `accept_licences` names it. `server` is for backends that ask another machine; there an
    adapter is mapped to the name under which it is served. Code and pickled weights of a
    checkpoint run with the rights of madang, so both stay off.
    """

    source: str = ""
    backend: str = "local"
    revision: str = ""
    tokenizer: str = ""
    adapters: dict[str, str] = {}
    dtype: Dtype = "auto"
    quantisation: Quantisation = "none"
    special_ids: SpecialIds = SpecialIds()
    context: Tokens = 0
    engine: Engine = "batched"
    slots: Slots = 0
    cache_tokens: Tokens = 0
    licence: str = ""
    licence_link: str = ""
    restriction: str = ""
    attribution: str = ""
    description: str = ""
    trust_remote_code: bool = False
    allow_pickle: bool = False
    server: Server = Server()


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """Declare what a backend can honour; a profile that asks for more is refused at load."""

    sampling: frozenset[str]
    kinds: frozenset[str] = frozenset({"chat", "completion"})
    adapters: bool = False
    slots: int = 1
