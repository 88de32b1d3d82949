"""A server that is killed in the middle of answers, and comes back with its data or without."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.core.cli.test_worker import StartWorker, open_gate
from tests.core.cli.test_worker import profile as profile
from tests.core.cli.test_worker import start as start
from tests.core.queue.redis.crew import at_work, ends_of, joined
from tests.core.queue.redis.soaking import Soak
from tests.standins.redis_server import Server, find_server, running

from madang.contract import TurnState
from madang.queue.redis import Terms
from madang.testing import HeldBackend, a_request, end_of, open_chat

KEPT = ("--appendonly", "yes")
ANSWERS = 8


@pytest.fixture(params=["redis", "valkey"])
def binary(request: pytest.FixtureRequest) -> str:
    """Find a server of each kind."""
    found = find_server(request.param)
    if found is None:
        pytest.skip(f"there is no {request.param} server here")
    return found


@pytest.fixture(params=[KEPT, ()], ids=["kept", "empty"])
def server(request: pytest.FixtureRequest, binary: str, tmp_path: Path) -> Iterator[Server]:
    """Run a server that keeps what it is given, or forgets it when it is killed."""
    folder = tmp_path / "server"
    folder.mkdir()
    with running(binary, folder, request.param) as server:
        yield server


async def test_answers_go_on_after_the_server_was_killed(server: Server) -> None:
    terms = Terms(lease=1.0, max_waiting_per_user=2 * ANSWERS)
    asked = [a_request(f"{n}번째 질문", id=f"{n}") for n in range(2 * ANSWERS)]
    backend = HeldBackend(slots=ANSWERS)
    async with asyncio.timeout(30), joined(server.url, terms, "bot") as bot:
        async with joined(server.url, terms) as hands, at_work(hands, "worker", backend):
            reading = [asyncio.create_task(end_of(bot, each)) for each in asked]
            await backend.held.wait()
            server.kill()
            backend.go.set()
            await asyncio.sleep(0.1)
            server.start()
            ends = await asyncio.gather(*reading)
        told = await ends_of(server.url, terms, ["bot"])
    assert [end.text for end in ends] == [f"{n}번째 질문" for n in range(2 * ANSWERS)]
    assert set(told) <= {each.id for each in asked}
    assert set(told.values()) == {1}


@pytest.mark.parametrize("server", [()], ids=["empty"], indirect=True)
async def test_a_chat_shows_one_answer_though_the_server_was_killed(
    server: Server, profile: Path, start: StartWorker
) -> None:
    start("--model", "slow")
    async with asyncio.timeout(30), open_chat(profile) as chat:
        await chat.conversations.say(chat.place, chat.author, "안녕하세요")
        reply = await chat.reply(1)
        async for update in reply.updates():
            if update.text:
                break
        server.kill()
        server.start()
        open_gate()
        await chat.conversations.settled()
        assert await chat.shown() == ["안녕하세요", "안녕하세요"]
        assert reply.latest.state is TurnState.COMPLETE
        assert len(chat.replies) == 1
        assert (await chat.ask("또 만나요")).text == "또 만나요"


@pytest.mark.parametrize("binary", ["valkey"], indirect=True)
@pytest.mark.parametrize("server", [KEPT], ids=["kept"], indirect=True)
async def test_a_few_seconds_of_kills_lose_nothing_and_double_nothing(
    server: Server, tmp_path: Path
) -> None:
    soak = Soak(server, tmp_path, seed=7)
    await soak.run(1)
    await soak.check_server()
