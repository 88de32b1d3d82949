"""A bot's process that is watched: what it counts, and when it is ready."""

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.core.operating.asking import Samples, asked, asked_json, key, samples
from tests.core.operating.conftest import SetupMaker
from tests.docs.markdown import read, rows
from tests.standins.redis_server import free_port

from madang.contract import Backend, Place, TurnState, Usage
from madang.conversation import Reply, Update
from madang.errors import MadangError, MissingPackage, ModelError, QueueBusy
from madang.operating import Monitor, monitored
from madang.operating.metrics import Meters
from madang.setup import Setup
from madang.testing import Chat, HeldBackend, ScriptedBackend
from madang.yard import open_yard

TYPE = re.compile(r"^# TYPE (madang_\S+) (\w+)$", re.MULTILINE)


class Watched:
    """Hold a chat in a process that is watched."""

    def __init__(self, chat: Chat, url: str) -> None:
        self.chat = chat
        self.url = url

    async def samples(self) -> Samples:
        """Read the metrics as Prometheus does."""
        return await asyncio.to_thread(samples, self.url)

    async def ready(self) -> object:
        """Ask whether it is ready."""
        return await asyncio.to_thread(asked_json, self.url, "/readyz")


@asynccontextmanager
async def watched(a_setup: SetupMaker, backend: Backend) -> AsyncIterator[Watched]:
    """Chat with a backend in a process that is watched."""
    port = free_port()
    setup = a_setup(f'[operations]\nlisten = "127.0.0.1:{port}"\n')
    backends = {**setup.plugins.backends, "echo": lambda name, model, /: backend}
    setup = replace(setup, plugins=replace(setup.plugins, backends=backends))
    async with (
        monitored(setup) as monitor,
        open_yard(setup, store=":memory:", monitor=monitor) as yard,
    ):
        chat = Chat(yard=yard)
        await yard.conversations.open("test", chat.deliver)
        yield Watched(chat, f"http://127.0.0.1:{port}")
        await yard.conversations.settled()


async def test_answers_are_counted_by_persona_and_state(a_setup: SetupMaker) -> None:
    backend = ScriptedBackend(answers=["안녕하세요", ModelError("It broke.")])
    async with watched(a_setup, backend) as here:
        assert (await here.chat.ask("안녕?")).state is TurnState.COMPLETE
        assert (await here.chat.ask("또 안녕?")).state is TurnState.FAILED
        await here.chat.conversations.settled()
        found = await here.samples()
    assert found[key("madang_bot_answers_total", "test", "assistant", "complete")] == 1
    assert found[key("madang_bot_answers_total", "test", "assistant", "failed")] == 1
    assert found[key("madang_bot_problems_total", "test", "model_error")] == 1
    assert found[key("madang_bot_first_text_seconds_count", "test")] == 1
    assert found[key("madang_bot_answer_seconds_count", "test")] == 2
    assert found[key("madang_bot_answers_running", "test")] == 0


async def test_the_worker_of_this_process_is_counted_too(a_setup: SetupMaker) -> None:
    async with watched(a_setup, ScriptedBackend(answers=["네"])) as here:
        await here.chat.ask("안녕?")
        await here.chat.conversations.settled()
        found = await here.samples()
    assert found[key("madang_worker_answers_total", "echo", "interactive", "stop")] == 1
    assert found[key("madang_model_loads_total", "echo")] == 1
    assert found[key("madang_queue_up")] == 1


async def test_answers_on_their_way_are_seen(a_setup: SetupMaker) -> None:
    backend = HeldBackend()
    async with watched(a_setup, backend) as here:
        asking = asyncio.create_task(here.chat.ask("안녕하세요"))
        await backend.held.wait()
        found = await here.samples()
        backend.go.set()
        await asking
    assert found[key("madang_bot_answers_running", "test")] == 1
    assert found[key("madang_model_running", "echo")] == 1


async def test_refusals_are_counted_by_code(a_setup: SetupMaker) -> None:
    async with watched(a_setup, ScriptedBackend(answers=[])) as here:
        try:
            await here.chat.conversations.say(here.chat.place, here.chat.author, "길다" * 10_000)
        except MadangError as error:
            here.chat.yard.monitor.refused("test", error)
        here.chat.yard.monitor.refused("test", QueueBusy("Too many.", ""))
        found = await here.samples()
    assert found[key("madang_bot_problems_total", "test", "message_too_long")] == 1
    assert found[key("madang_bot_problems_total", "test", "queue_busy")] == 1


async def test_tokens_are_counted_by_persona(a_setup: SetupMaker) -> None:
    async with watched(a_setup, ScriptedBackend(answers=["네"])) as here:
        await here.chat.ask("안녕?")
        reply = await here.chat.reply(1)
        follow = here.chat.yard.monitor.follow
        assert follow is not None
        final = Update(text="네", state=TurnState.COMPLETE, usage=Usage(prompt=12, output=3))
        before = await here.samples()
        await follow(Reply(place=reply.place, turn=reply.turn, persona=reply.persona, latest=final))
        found = await here.samples()
    for name, tokens in (("prompt", 12), ("output", 3)):
        sample = key(f"madang_bot_{name}_tokens_total", "test", "assistant")
        assert found[sample] - before[sample] == tokens


async def test_a_bot_is_ready_when_it_says_so_and_is_connected(a_setup: SetupMaker) -> None:
    problem = "It is not connected to its platform."

    async def platform() -> str:
        return problem

    async with watched(a_setup, ScriptedBackend(answers=[])) as here:
        starting = {"status": "not ready", "problems": {"start": "It has not started yet."}}
        assert await here.ready() == (503, starting)
        here.chat.yard.monitor.ready(platform=platform)
        away = {"status": "not ready", "problems": {"platform": problem}}
        assert await here.ready() == (503, away)
        problem = ""
        assert await here.ready() == (200, {"status": "ready"})


async def test_a_check_that_hangs_is_a_problem(
    a_setup: SetupMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.operating.health.CHECK_SECONDS", 0.05)

    async def platform() -> str:
        await asyncio.Event().wait()
        return ""

    async with watched(a_setup, ScriptedBackend(answers=[])) as here:
        here.chat.yard.monitor.ready(platform=platform)
        hangs = {"platform": "It did not answer within 0.05 s."}
        assert await here.ready() == (503, {"status": "not ready", "problems": hangs})


async def test_a_queue_that_is_silent_is_a_problem_and_no_reason_to_say_nothing(
    a_setup: SetupMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.operating.health.CHECK_SECONDS", 0.05)
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = "redis://someone:secret@{}:{}".format(*silent.getsockname())
        queue = f'[queue]\nkind = "redis"\nurl = "{url}"\n'
        setup = a_setup(f'{queue}[operations]\nlisten = "127.0.0.1:{port}"\n')
        async with monitored(setup) as monitor:
            monitor.ready()
            where = f"http://127.0.0.1:{port}"
            status, body = await asyncio.to_thread(asked_json, where, "/readyz")
            found = await asyncio.to_thread(samples, where)
    assert (status, body["problems"]) == (503, {"queue": "It did not answer within 0.05 s."})
    assert found[key("madang_queue_up")] == 0


async def test_no_label_holds_people_or_conversations(a_setup: SetupMaker) -> None:
    async with watched(a_setup, ScriptedBackend(answers=["네", "네"])) as here:
        for number in range(2):
            await here.chat.conversations.reset(Place(f"test/{number}"))
            here.chat.place = Place(f"test/{number}")
            await here.chat.ask("안녕?")
        await here.chat.conversations.settled()
        found = await here.samples()
    words = {word for _, labels in found for word in labels if not word[0].isdigit()}
    about_worker = {
        "local",
        *next(labels for name, labels in found if name == "madang_worker_info"),
    }
    assert words - about_worker <= {
        "+Inf", "test", "assistant", "complete", "echo", "interactive", "stop",
    }  # fmt: skip


async def test_every_metric_is_in_the_reference(a_setup: SetupMaker) -> None:
    async with watched(a_setup, ScriptedBackend(answers=["네"])) as here:
        await here.chat.ask("안녕?")
        await here.chat.conversations.settled()
        _, page = await asyncio.to_thread(asked, here.url, "/metrics")
    documented = {(row[0], row[1]) for row in rows(read("operating.md"), "metric")}
    assert documented - {("process_…", "")} == set(TYPE.findall(page))


async def test_where_nothing_listens_nothing_is_imported_and_nobody_follows(
    a_setup: SetupMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    async with monitored(a_setup()) as monitor:
        assert type(monitor) is Monitor
        assert monitor.follow is None


async def test_a_package_that_is_missing_is_named(
    a_setup: SetupMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, Meters.__module__)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    setup: Setup = a_setup('[operations]\nlisten = "127.0.0.1:0"\n')
    with pytest.raises(MissingPackage) as caught:
        async with monitored(setup):
            pass
    assert "prometheus_client" in caught.value.message
    assert "pip install 'madang[metrics]'" in caught.value.hint
