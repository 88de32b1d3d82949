"""Commands that share a connection: each gets its own answer, whatever becomes of the others."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError, ResponseError, TimeoutError
from tests.standins.redis_server import find_server, free_port, running

from madang.queue.redis.address import Address
from madang.queue.redis.pipe import Line, Pipe

PROCESS = "return tonumber(string.match(redis.call('INFO', 'server'), 'process_id:(%d+)'))"


@pytest.fixture
async def pipe(url: str) -> AsyncIterator[Pipe]:
    pipe = Pipe(Line(Address(url).client(connections=2), 5.0))
    yield pipe
    await pipe.close()


async def reads(client: Redis) -> int:
    """Count how often the server has read from any connection."""
    found: int = (await client.info("stats"))["total_reads_processed"]
    return found


async def test_what_is_asked_at_once_goes_in_few_trips(pipe: Pipe, client: Redis) -> None:
    await pipe.ask("PING")
    before = await reads(client)
    answers = await asyncio.gather(*(pipe.ask("ECHO", number) for number in range(100)))
    assert answers == [str(number).encode() for number in range(100)]
    assert await reads(client) - before < 10


@pytest.mark.parametrize("word", ["", "안녕", b"\x00\r\n$1", 7, 0.25, "x" * 100_000])
async def test_words_arrive_as_they_are(pipe: Pipe, word: str | bytes | float) -> None:
    expected = word if isinstance(word, bytes) else str(word).encode()
    assert await pipe.ask("ECHO", word) == expected


async def test_what_is_refused_concerns_only_who_asked_it(pipe: Pipe) -> None:
    asked = (pipe.ask("ECHO", 1), pipe.ask("NONSENSE"), pipe.ask("ECHO", 3))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert list(answers[::2]) == [b"1", b"3"]
    assert isinstance(answers[1], ResponseError)


async def test_what_cannot_be_written_concerns_only_who_asked_it(pipe: Pipe) -> None:
    asked = (pipe.ask("ECHO", 1), pipe.ask("ECHO", "\ud800"), pipe.ask("ECHO", 3))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert list(answers[::2]) == [b"1", b"3"]
    assert isinstance(answers[1], UnicodeEncodeError)


async def test_who_stops_waiting_disturbs_nobody(pipe: Pipe) -> None:
    asked = [asyncio.create_task(pipe.ask("ECHO", number)) for number in range(5)]
    await asyncio.sleep(0)
    asked[1].cancel()
    later = asyncio.create_task(pipe.ask("ECHO", "later"))
    await asyncio.sleep(0)
    later.cancel()
    answers = await asyncio.gather(*asked, later, return_exceptions=True)
    assert [answers[n] for n in (0, 2, 3, 4)] == [b"0", b"2", b"3", b"4"]
    assert all(isinstance(answers[n], asyncio.CancelledError) for n in (1, 5))
    assert await pipe.ask("ECHO", "again") == b"again"


async def test_a_connection_that_the_server_closed_is_made_anew(pipe: Pipe, client: Redis) -> None:
    await pipe.ask("PING")
    await client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")  # type: ignore[no-untyped-call]
    await asyncio.sleep(0.05)
    assert await pipe.ask("ECHO", "back") == b"back"


async def test_answers_that_come_too_late_meet_nobody_else(tmp_path: Path) -> None:
    binary = find_server("redis") or find_server("valkey")
    if binary is None:
        pytest.skip("there is no server here")
    with running(binary, tmp_path) as server:
        pipe = Pipe(Line(Address(server.url).client(connections=2), 0.2))
        process = await pipe.ask("EVAL", PROCESS, 0)
        os.kill(process, signal.SIGSTOP)
        answers = await asyncio.gather(
            *(pipe.ask("ECHO", number) for number in range(3)), return_exceptions=True
        )
        assert all(isinstance(answer, TimeoutError) for answer in answers)
        os.kill(process, signal.SIGCONT)
        assert await pipe.ask("ECHO", "right") == b"right"
        await pipe.close()


async def test_all_who_wait_hear_that_there_is_no_server() -> None:
    pipe = Pipe(Line(Address(f"redis://127.0.0.1:{free_port()}").client(connections=2), 1.0))
    answers = await asyncio.gather(*(pipe.ask("PING") for _ in range(3)), return_exceptions=True)
    assert all(isinstance(answer, ConnectionError) for answer in answers)
    await pipe.close()
