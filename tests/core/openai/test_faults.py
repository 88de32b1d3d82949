"""A server that fails: clear errors, tries again only before the first token, nothing twice."""

import asyncio

import pytest
from tests.core.openai.asking import answer, request
from tests.core.openai.conftest import MakeBackend
from tests.standins.openai_server import (
    DONE,
    Reply,
    StandIn,
    event,
    json_reply,
    said,
    used,
)
from tests.standins.openai_server import answer as whole

from madang.errors import ModelError
from madang.openai import OpenAIBackend

SECRET = "sk-very-secret"
NEVER = asyncio.Event


async def failure(backend: OpenAIBackend) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await answer(backend, request())
    return caught.value


@pytest.mark.parametrize(
    ("status", "words", "hint"),
    [
        (401, "does not accept the API key", "environment variable KIM_KEY"),
        (403, "does not accept the API key", "environment variable KIM_KEY"),
        (404, "does not know what it was asked for: No model 'x'", "`model` and `url`"),
        (400, "refused the request with status 400: No model 'x'", "context"),
        (500, "failed with status 500: No model 'x'", "log"),
        (307, "sends requests on to http://other", "`url`"),
    ],
)
async def test_a_refusal_is_told_once_and_without_the_key(
    standin: StandIn,
    make: MakeBackend,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int,
    words: str,
    hint: str,
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv("KIM_KEY", SECRET)
    body = {"error": {"message": f"No model 'x' {SECRET}"}}
    standin.replies = [json_reply(body, status=status, Location="http://other")]
    error = await failure(make(api_key_env="KIM_KEY"))
    assert words in error.message
    assert hint in error.hint
    assert "'kim'" in error.message and standin.url in error.message
    assert SECRET not in str(error) + repr(error.__cause__) + repr(error.__context__) + caplog.text
    assert len(standin.asked) == 2
    assert standin.asked[1].headers["authorization"] == f"Bearer {SECRET}"


async def test_a_server_that_wants_a_key_says_where_to_set_one(
    standin: StandIn, make: MakeBackend
) -> None:
    standin.replies = [json_reply({}, status=401)]
    error = await failure(make())
    assert "asks for an API key" in error.message
    assert "api_key_env" in error.hint


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_what_passes_is_tried_again(standin: StandIn, make: MakeBackend, status: int) -> None:
    standin.replies = [
        json_reply({}, status=status),
        Reply(silent=True),
        whole("안", "녕"),
    ]
    assert (await answer(make(retries=2), request())).text == "안녕"


async def test_retries_are_bounded(standin: StandIn, make: MakeBackend) -> None:
    standin.replies = [json_reply({}, status=429), json_reply({"detail": "full"}, status=429)]
    error = await failure(make(retries=1))
    assert "has too many requests (status 429): full" in error.message
    assert standin.replies == []


@pytest.mark.parametrize("wait", ["3600", "Fri, 20 Nov 2999 00:00:00 GMT"])
async def test_a_long_wait_is_not_waited_for(
    standin: StandIn, make: MakeBackend, wait: str
) -> None:
    standin.replies = [json_reply({}, status=503, **{"Retry-After": wait})]
    assert "is not ready (status 503)" in (await failure(make())).message


async def test_a_stream_that_breaks_after_the_first_token_is_not_begun_again(
    standin: StandIn, make: MakeBackend
) -> None:
    standin.replies = [Reply(parts=(said("안"),), cut=True), whole("never asked")]
    stream = make().generate(request())
    assert (await anext(stream)).text == "안"
    with pytest.raises(ModelError, match="broke off in the middle of an answer"):
        await anext(stream)
    assert len(standin.replies) == 1


async def test_a_stream_that_breaks_before_the_first_token_is_begun_again(
    standin: StandIn, make: MakeBackend
) -> None:
    standin.replies = [Reply(parts=(": waiting\n\n",), cut=True), whole("안녕")]
    assert (await answer(make(), request())).text == "안녕"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((said("안"),), "without finishing it"),
        ((said("안"), DONE), "without finishing it"),
        ((), "without finishing it"),
        ((said("안"), event('{"choices": [')), "cannot be read"),
        ((event({"choices": [{"text": 7}]}),), "cannot be read"),
        ((event({"error": {"message": "CUDA is gone"}}),), "while it answered: CUDA is gone"),
        ((event({"error": "out of blocks"}),), "while it answered: out of blocks"),
        ((event({"object": "error", "message": "too long"}),), "while it answered: too long"),
        ((said("안", "content_filter"),), "content filter"),
        ((said("안", "tool_calls"),), "'tool_calls'"),
    ],
)
async def test_a_stream_that_is_no_answer_is_an_error(
    standin: StandIn, make: MakeBackend, parts: tuple[str, ...], words: str
) -> None:
    standin.replies = [Reply(parts=parts), whole("never asked")]
    assert words in (await failure(make())).message
    assert len(standin.replies) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(kind="text/html", parts=("<html>Welcome</html>",)),
        json_reply({"choices": [{"text": "안녕"}]}),
    ],
)
async def test_what_is_no_stream_is_an_error(
    standin: StandIn, make: MakeBackend, reply: Reply
) -> None:
    standin.replies = [reply]
    error = await failure(make())
    assert f"cannot be read: {reply.kind} where a stream" in error.message
    assert "`url`" in error.hint


async def test_a_web_page_as_a_refusal_is_not_repeated(standin: StandIn, make: MakeBackend) -> None:
    page = Reply(status=404, kind="text/html", parts=("<html>" + "x" * 200_000,))
    standin.replies = [page]
    assert (await failure(make())).message.endswith("(it answered with a web page).")


async def test_what_breaks_after_the_reason_takes_nothing_away(
    standin: StandIn, make: MakeBackend
) -> None:
    for end in ((), (event("nonsense"),), (event({"error": "late"}),)):
        standin.replies = [Reply(parts=(said("안녕", "stop"), *end), cut=not end)]
        found = await answer(make(), request())
        assert (found.text, found.last.reason) == ("안녕", "stop")


async def test_a_stalled_stream_is_given_up(standin: StandIn, make: MakeBackend) -> None:
    standin.replies = [Reply(parts=(said("안"), NEVER()))]
    error = await failure(make(read_seconds=0.05))
    assert "sent nothing for 0.05 seconds" in error.message
    await asyncio.wait_for(standin.hung_up.wait(), 5)


async def test_a_slow_first_token_is_waited_for(standin: StandIn, make: MakeBackend) -> None:
    go = asyncio.Event()
    standin.replies = [Reply(parts=(go, *whole("안녕").parts))]
    asking = asyncio.create_task(answer(make(), request()))
    await asyncio.wait_for(standin.waiting.wait(), 5)
    go.set()
    assert (await asking).text == "안녕"


async def test_closing_hangs_up(standin: StandIn, make: MakeBackend) -> None:
    standin.replies = [Reply(parts=(said("안"), NEVER()))]
    stream = make().generate(request())
    assert (await anext(stream)).text == "안"
    await stream.aclose()
    await asyncio.wait_for(standin.hung_up.wait(), 5)


@pytest.mark.parametrize("before", [(), (": waiting\n\n",)])
async def test_cancelling_hangs_up_also_before_the_first_token(
    standin: StandIn, make: MakeBackend, before: tuple[str, ...]
) -> None:
    standin.replies = [Reply(parts=(*before, NEVER()))]
    asking = asyncio.create_task(answer(make(), request()))
    await asyncio.wait_for(standin.waiting.wait(), 5)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(standin.hung_up.wait(), 5)


async def test_a_server_that_goes_on_behind_a_stop_string_is_hung_up_on(
    standin: StandIn, make: MakeBackend
) -> None:
    standin.replies = [Reply(parts=(said("하나 #"), said("## 둘"), said("셋"), NEVER()))]
    found = await answer(make(), request(stop=("###",)))
    assert (found.text, found.last.reason) == ("하나 ", "stop")
    await asyncio.wait_for(standin.hung_up.wait(), 5)


async def test_bytes_may_come_one_by_one(standin: StandIn, make: MakeBackend) -> None:
    data = "".join(map(str, whole("안녕, ", "마당🙂").parts)).encode()
    standin.replies = [Reply(parts=tuple(data[at : at + 1] for at in range(len(data))))]
    assert (await answer(make(), request())).text == "안녕, 마당🙂"


async def test_tokens_are_told_at_the_end(standin: StandIn, make: MakeBackend) -> None:
    standin.replies = [Reply(parts=(said("길어"), said("", "length"), used(7, 1, 5), DONE))]
    last = (await answer(make(), request())).last
    assert (last.reason, last.prompt_tokens, last.output_tokens) == ("length", 7, 1)
    assert last.cached_tokens == 5


async def test_closing_and_asking_again_reaches_the_server_anew(
    standin: StandIn, make: MakeBackend
) -> None:
    standin.replies = [whole("하나"), whole("둘")]
    backend = make()
    assert (await answer(backend, request())).text == "하나"
    await backend.close()
    assert (await answer(backend, request())).text == "둘"
    assert [asked.path for asked in standin.asked].count("/v1/models") == 2


async def test_closing_the_backend_ends_what_runs(standin: StandIn, make: MakeBackend) -> None:
    standin.replies = [Reply(parts=(said("안"), NEVER()))]
    backend = make()
    stream = backend.generate(request())
    assert (await anext(stream)).text == "안"
    assert backend.metrics.running == 1
    rest = asyncio.create_task(anext(stream))
    await asyncio.wait_for(standin.waiting.wait(), 5)
    await backend.close()
    with pytest.raises(ModelError, match="broke off in the middle"):
        await rest
    await asyncio.wait_for(standin.hung_up.wait(), 5)
    assert backend.metrics.running == 0


async def test_what_was_answered_is_counted(standin: StandIn, make: MakeBackend) -> None:
    standin.replies = [whole("하나"), whole("둘")]
    backend = make(slots=3)
    for _ in range(2):
        await answer(backend, request())
    found = backend.metrics
    assert (found.slots, found.running, found.prompt_tokens, found.cached_tokens) == (3, 0, 10, 4)
    assert found.output_tokens == 6
    assert found.first_token_seconds > 0
