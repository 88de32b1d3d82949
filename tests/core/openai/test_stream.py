"""Nothing of an answer is lost or doubled, however it is cut into events."""

import json
from collections.abc import AsyncGenerator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.contract import Output, Server
from madang.openai.problems import Problems, seconds_asked
from madang.openai.stream import outputs
from madang.openai.wire import Chunk, ServedList, TokenUsage, decode, words_of

PROBLEMS = Problems("kim", Server(), "http://here/v1", "")
STOPS = ("###", "\n질문")


async def read(events: Sequence[object], stops: Sequence[str]) -> list[Output]:
    async def told() -> AsyncGenerator[str, None]:
        for event in events:
            yield event if isinstance(event, str) else json.dumps(event)

    return [output async for output in outputs(told(), stops, PROBLEMS)]


def event(text: str, reason: str | None, *, chat: bool) -> dict[str, object]:
    said = {"delta": {"content": text or None}} if chat else {"text": text}
    return {"choices": [{**said, "finish_reason": reason}]}


@given(
    pieces=st.lists(st.text(alphabet="가 나#\n질문a🙂", max_size=4)),
    reason=st.sampled_from(["stop", "length"]),
    chat=st.booleans(),
    joined=st.booleans(),
)
async def test_the_text_is_what_was_sent_up_to_the_first_stop_string(
    pieces: list[str], reason: str, chat: bool, joined: bool
) -> None:
    events: list[object] = [event(piece, None, chat=chat) for piece in pieces]
    if joined and pieces:
        events[-1] = event(pieces[-1], reason, chat=chat)
    else:
        events.append(event("", reason, chat=chat))
    found = await read([*events, "[DONE]", "never read"], STOPS)
    whole = "".join(pieces)
    ends = [at for stop in STOPS if (at := whole.find(stop)) >= 0]
    assert "".join(output.text for output in found) == whole[: min(ends, default=None)]
    assert [output.reason for output in found[:-1]] == [""] * (len(found) - 1)
    assert found[-1].reason == ("stop" if ends else reason)


async def test_thoughts_and_other_extras_are_passed_over() -> None:
    thought = {"choices": [{"delta": {"reasoning_content": "음", "role": "assistant"}}], "x": 1}
    found = await read([thought, event("네", "stop", chat=True)], ())
    assert "".join(output.text for output in found) == "네"


async def test_nulls_say_nothing() -> None:
    nothing = dict.fromkeys(("choices", "usage", "error", "object", "message"))
    usage = {**nothing, "usage": {"prompt_tokens": 4}}
    found = await read([nothing, event("네", "stop", chat=True), usage], ())
    assert found == [Output(text="네"), Output(reason="stop", prompt_tokens=4)]
    assert decode('{"data": [{"id": "served", "aliases": null}]}', ServedList) is not None


async def test_the_tokens_of_a_server_that_writes_out_the_stop_string_are_kept() -> None:
    usage = {"choices": [{"text": "", "finish_reason": "stop"}], "usage": {"prompt_tokens": 4}}
    found = await read([event("네 ###", None, chat=False), usage], STOPS)
    assert found[-1] == Output(reason="stop", prompt_tokens=4)


def test_what_is_no_json_of_that_kind_is_nothing() -> None:
    assert decode("{", Chunk) is None
    assert decode("[" * 100_000, Chunk) is None
    assert decode('{"usage": null}', Chunk) == Chunk()
    assert TokenUsage().cached == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("full", "full"),
        ({"message": "full", "code": 1}, "full"),
        ({"error": {"message": "full"}}, "full"),
        ([{"error": {"message": "full"}}], "full"),
        ({"detail": [{"msg": "full", "loc": ["body"]}]}, "full"),
        ({"code": 7}, "{'code': 7}"),
        (None, ""),
        ({}, "{}"),
    ],
)
def test_words_of_an_error_are_found_wherever_they_stand(error: object, words: str) -> None:
    assert words_of(error) == words


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 0), ("2", 2), ("-1", 0), ("soon", 0), ("Fri, 20 Nov 1999 00:00:00 GMT", 0)],
)
def test_retry_after_is_read(header: str, seconds: float) -> None:
    assert seconds_asked(header) == seconds
