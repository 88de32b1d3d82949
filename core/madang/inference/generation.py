"""The token loop of one request: prefill, then decode with a KV cache until something ends it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from madang.contract import Output, Request
from madang.errors import ModelError, PromptTooLong
from madang.inference.detokenizer import Detokenizer
from madang.inference.loaded import Loaded
from madang.inference.sampler import Sampler
from madang.inference.stop import StopStrings

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

PREFILL_CHUNK = 512  # tokens; a cancelled request stops after at most one chunk

Cancelled = Callable[[], bool]


def generate(loaded: Loaded, request: Request, cancelled: Cancelled) -> Iterator[Output]:
    """Answer `request`, one output for every token that shows something, and one at the end.

    Counts are of the whole request so far. Nothing more comes once `cancelled` says so.
    """
    import torch

    torch.set_num_threads(loaded.threads)  # holds for the calling thread
    sampling = request.sampling
    prompt = loaded.template.encode(request.prompt, sampling.stop)
    room = max(0, min(sampling.max_new_tokens, _room(loaded, prompt)))
    sampler = Sampler(sampling, prompt, room, loaded.model.device)
    ends = loaded.ends | loaded.special_named(sampling.stop)
    stops = StopStrings(sampling.stop)
    detokenizer = Detokenizer(loaded.decode, loaded.skipped)
    count, ended = 0, False
    with torch.inference_mode(), loaded.adapters.using(request.adapter) as model:
        for token in _tokens(model, prompt, sampler, room, cancelled):
            count += 1
            ended = token in ends
            text = "" if ended else stops.feed(detokenizer.push(token))
            if ended or stops.found:
                break
            if text:
                yield Output(text=text, prompt_tokens=len(prompt), output_tokens=count)
        else:
            text = ""
    text += stops.feed(detokenizer.flush())
    text += stops.flush()
    yield Output(
        text=text,
        reason="stop" if ended or stops.found else "length",
        prompt_tokens=len(prompt),
        output_tokens=count,
    )


def _room(loaded: Loaded, prompt: Sequence[int]) -> int:
    if not prompt:
        raise ModelError(
            f"the prompt for model '{loaded.name}' is empty",
            "Put a text of its own into the form's `question` or `head`.",
        )
    room = loaded.context - len(prompt)
    if room < 1:
        raise PromptTooLong(
            f"the prompt has {len(prompt)} tokens and model '{loaded.name}' reads "
            f"{loaded.context}, prompt and answer together",
            "Ask in fewer words, or bind a model with a longer context.",
        )
    return room


def _tokens(
    model: "PreTrainedModel",
    prompt: Sequence[int],
    sampler: Sampler,
    room: int,
    cancelled: Cancelled,
) -> Iterator[int]:
    import torch
    from transformers import DynamicCache

    cache = DynamicCache(config=model.config)
    ids = torch.tensor([prompt], dtype=torch.long, device=model.device)
    chunks = [ids[:, at : at + PREFILL_CHUNK] for at in range(0, len(prompt), PREFILL_CHUNK)]
    for _ in range(room):
        for chunk in chunks:
            if cancelled():
                return
            logits = _forward(model, chunk, cache)
        token = sampler.draw(logits)
        yield token
        chunks = [ids.new_tensor([[token]])]


def _forward(model: "PreTrainedModel", ids: "torch.Tensor", cache: object) -> "torch.Tensor":
    """Return the logits of the last position, as one row."""
    output = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
    logits: torch.Tensor = output.logits[:, -1]
    return logits
