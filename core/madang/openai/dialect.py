"""What each kind of server takes beyond the standard fields, and under which names.

Every value is sent, also the neutral ones: a server fills in what a request leaves out from the
checkpoint's generation config or from its own command line.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from madang.contract import Sampling, ServerKind

Fields = dict[str, object]

STANDARD = frozenset({"max_new_tokens", "temperature", "top_p", "stop"})
FILTERS = frozenset({"top_k", "min_p", "repetition_penalty"})
SEED = frozenset({"seed"})
SEED_BITS = 0x7FFF_FFFF  # some servers keep a seed in 32 bits, and the highest value means: none


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Describe one kind of server.

    `sampling` names the fields of `Sampling` that it honours. `write` gives its extra fields for a
    sampling, the ids that end an answer and the context. `adapter` makes the served name out of
    the model's and the adapter's; without it there are no adapters. `open_end` are the fields of a
    chat whose last message, the assistant's, is to be gone on with; None where that is impossible.
    """

    sampling: frozenset[str]
    write: Callable[[Sampling, Sequence[int], int], Fields]
    token_ids: bool = False
    ends: bool = False
    adapter: str = ""
    lists_adapters: bool = False
    loads: bool = False
    open_end: Mapping[str, object] | None = None
    stream: Mapping[str, object] = field(
        default_factory=lambda: {"stream_options": {"include_usage": True}}
    )

    def served_name(self, model: str, adapter: str) -> str:
        """Return what to ask for to get `adapter`, as the server names it, on `model`."""
        return self.adapter.format(model=model, adapter=adapter) if adapter else model

    def fields(self, sampling: Sampling, ends: Sequence[int], context: int) -> Fields:
        """Return the fields of a request that say how to draw and when to stop."""
        seed = {} if sampling.seed is None else {"seed": sampling.seed & SEED_BITS}
        return {"stream": True, **self.stream, **seed, **self.write(sampling, ends, context)}


def standard(sampling: Sampling, ends: Sequence[int], context: int) -> Fields:
    """Write what every server knows."""
    stop = {"stop": list(sampling.stop)} if sampling.stop else {}
    return {
        "max_tokens": sampling.max_new_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        **stop,
    }


def extended(sampling: Sampling, ends: Sequence[int], context: int) -> Fields:
    """Write what vLLM and SGLang know; both take -1 for an unlimited `top_k`."""
    return {
        **standard(sampling, ends, context),
        "top_k": sampling.top_k or -1,
        "min_p": sampling.min_p,
        "repetition_penalty": sampling.repetition_penalty,
        **({"stop_token_ids": list(ends)} if ends else {}),
    }


def llama_cpp(sampling: Sampling, ends: Sequence[int], context: int) -> Fields:
    """Write what llama.cpp knows, with its samplers in the order of `generate` and no others.

    Its own penalty sees 64 tokens; here it sees the whole context.
    """
    return {
        **standard(sampling, ends, context),
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repetition_penalty,
        "repeat_last_n": context,
        "frequency_penalty": 0.0,
        "presence_penalty": 0.0,
        "mirostat": 0,
        "dynatemp_range": 0.0,
        "samplers": ["penalties", "temperature", "top_k", "top_p", "min_p"],
    }


def transformers(sampling: Sampling, ends: Sequence[int], context: int) -> Fields:
    """Write a whole generation config: of single fields `transformers serve` has but a few.

    A temperature alone would not make it draw where the checkpoint says greedy.
    """
    drawn = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
    }
    config = {
        "max_new_tokens": sampling.max_new_tokens,
        "repetition_penalty": sampling.repetition_penalty,
        "num_beams": 1,
        "do_sample": sampling.temperature > 0,
        **(drawn if sampling.temperature > 0 else {}),
        **({"stop_strings": list(sampling.stop)} if sampling.stop else {}),
        **({"eos_token_id": list(ends)} if ends else {}),
    }
    return {"generation_config": json.dumps(config)}


GOES_ON = {"add_generation_prompt": False, "continue_final_message": True}

DIALECTS: Mapping[ServerKind, Dialect] = {
    "openai": Dialect(
        sampling=STANDARD | SEED, write=standard, adapter="{adapter}", lists_adapters=True
    ),
    "vllm": Dialect(
        sampling=STANDARD | FILTERS | SEED,
        write=extended,
        token_ids=True,
        ends=True,
        adapter="{adapter}",
        lists_adapters=True,
        open_end=GOES_ON,
    ),
    # A seed counts there only with deterministic inference switched on.
    "sglang": Dialect(
        sampling=STANDARD | FILTERS,
        write=extended,
        token_ids=True,
        ends=True,
        adapter="{model}:{adapter}",
        open_end={"continue_final_message": True},
    ),
    "llama.cpp": Dialect(
        sampling=STANDARD | FILTERS | SEED,
        write=llama_cpp,
        token_ids=True,
        open_end={},
    ),
    # A seed there is the whole process's, so requests side by side change each other's draws.
    "transformers": Dialect(
        sampling=STANDARD | FILTERS, write=transformers, ends=True, loads=True, stream={}
    ),
}
