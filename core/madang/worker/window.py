"""How a prompt is made to fit the context: whole exchanges go, the oldest first."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from msgspec.structs import replace

from madang.contract import Prompt, Segment
from madang.errors import PromptTooLong
from madang.window import cut

BLOCKS = 4

Count = Callable[[Prompt], Awaitable[int]]


def answer_room(max_new_tokens: int, context: int) -> int:
    """Return the tokens kept for the answer: what was asked for, at most half of the context."""
    return max(1, min(max_new_tokens, context // 2))


async def fit(prompt: Prompt, context: int, max_new_tokens: int, count: Count) -> Prompt:
    """Drop the oldest exchanges until the prompt and `answer_room` fit the context.

    Head and tail stay; `PromptTooLong` when they alone are too long. The cut moves by a quarter
    of the room for the prompt at a time, so that consecutive prompts begin alike.
    """
    limit = context - answer_room(max_new_tokens, context)
    if await count(prompt) <= limit:
        return prompt
    exchanges = exchanges_of(prompt)
    fixed = await count(without(prompt, exchanges))
    if fixed > limit:
        raise _too_long(fixed, limit)
    # An exchange is counted between head and tail, as a chat template may take no other prompt.
    sizes = [await count(without(prompt, exchanges.keys() - {turn})) - fixed for turn in exchanges]
    return await _cut(prompt, list(exchanges), sizes, limit, fixed, count)


async def fit_within(
    prompt: Prompt, max_length: int, context: int, max_new_tokens: int, count: Count
) -> tuple[Prompt, int]:
    """Fit prompt and answer into `max_length` tokens together; return how many the answer gets.

    Exchanges are dropped as if `max_length` were the context. A question that reaches
    `max_length` by itself, which `generate` refuses, has the whole context instead.
    """
    length = min(max_length, context)
    try:
        fitted = await fit(prompt, length, max_new_tokens, count)
    except PromptTooLong:
        alone = without(prompt, exchanges_of(prompt))
        fitted = await fit(alone, context, max_new_tokens, count)
    room = answer_room(max_new_tokens, context)
    left = length - await count(fitted)
    return fitted, min(left, max_new_tokens) if left > 0 else room


def exchanges_of(prompt: Prompt) -> Mapping[str, tuple[Segment, ...]]:
    """Group the segments that may go by the turn they are tagged with, oldest first."""
    exchanges: dict[str, tuple[Segment, ...]] = {}
    for segment in prompt.segments:
        if segment.kind == "turn":
            exchanges[segment.turn] = (*exchanges.get(segment.turn, ()), segment)
    return exchanges


def without(prompt: Prompt, turns: Collection[str]) -> Prompt:
    """Return the prompt without some exchanges."""
    kept = (s for s in prompt.segments if s.kind != "turn" or s.turn not in turns)
    return replace(prompt, segments=tuple(kept))


async def _cut(
    prompt: Prompt, turns: Sequence[str], sizes: Sequence[int], limit: int, fixed: int, count: Count
) -> Prompt:
    """Cut by the sizes, and again by less while the whole still counts more than their sum."""
    budget = limit - fixed
    while True:
        dropped = cut(sizes, budget, limit // BLOCKS)
        shorter = without(prompt, turns[:dropped])
        excess = await count(shorter) - limit
        if excess <= 0 or dropped == len(turns):
            return shorter
        budget -= excess


def _too_long(tokens: int, limit: int) -> PromptTooLong:
    return PromptTooLong(
        f"The prompt has {tokens} tokens without any history, and {limit} fit.",
        "Shorten the last message, or lower max_new_tokens in the persona's form.",
    )
