"""A stream of events to the outputs of an answer."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from msgspec.structs import replace

from madang.contract import Output
from madang.errors import ModelError
from madang.inference.stop import StopStrings
from madang.openai.problems import Problems
from madang.openai.wire import Chunk, TokenUsage, decode

LAST = "[DONE]"
REASONS: dict[str, Literal["stop", "length"]] = {"stop": "stop", "length": "length"}


async def outputs(
    events: AsyncGenerator[str, None], stops: Sequence[str], problems: Problems
) -> AsyncGenerator[Output, None]:
    """Read an answer; the last output has the reason and the tokens, as far as they are told.

    Stop strings are looked for here too, as not every server takes them out of the text, or takes
    as many as there are. Once the answer is whole nothing can fail any more; what still comes are
    its tokens, or more text from a server that goes on.
    """
    text, end = StopStrings(stops), Output()
    async with contextlib.aclosing(_chunks(events, problems)) as chunks:
        try:
            async for chunk in chunks:
                if text.found and chunk.text:
                    break
                end = _with_usage(end, chunk.usage)
                if shown := text.feed(chunk.text):
                    yield Output(text=shown)
                if text.found:
                    end = replace(end, reason="stop")
                elif chunk.reason:
                    end = replace(end, reason=_reason(chunk.reason, problems))
        except ModelError:
            if not end.reason:
                raise
    if not end.reason:
        raise problems.unfinished()
    yield replace(end, text=text.flush())


async def _chunks(
    events: AsyncGenerator[str, None], problems: Problems
) -> AsyncGenerator[Chunk, None]:
    async with contextlib.aclosing(events):
        async for data in events:
            if data.strip() == LAST:
                return
            chunk = decode(data, Chunk)
            if chunk is None:
                raise problems.malformed(data)
            if chunk.failure:
                raise problems.failed(chunk.failure)
            yield chunk


def _reason(told: str, problems: Problems) -> Literal["stop", "length"]:
    if told not in REASONS:
        raise problems.ended_by(told)
    return REASONS[told]


def _with_usage(end: Output, usage: TokenUsage | None) -> Output:
    if usage is None:
        return end
    return replace(
        end,
        prompt_tokens=usage.prompt_tokens or 0,
        output_tokens=usage.completion_tokens or 0,
        cached_tokens=usage.cached,
    )
