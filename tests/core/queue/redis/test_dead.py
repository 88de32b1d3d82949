"""Dead letters: listed, read, put back once, and forgotten."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from tests.core.queue.redis.conftest import LEASE, Join

from madang.contract import Request
from madang.queue.redis import RedisQueue, Terms
from madang.queue.redis.address import Address
from madang.queue.redis.dead import PAGE, DeadLetters, Letter
from madang.queue.redis.link import Link
from madang.testing import a_request, end_of, ended, take_one


@pytest.fixture
async def dead(url: str, namespace: str) -> AsyncIterator[DeadLetters]:
    """Return the dead letters of the test's deployment, where one lost worker is enough."""
    terms = Terms(namespace=namespace, lease=LEASE, attempts=1, max_waiting=3)
    link = Link(Address(url), terms)
    yield DeadLetters(link)
    await link.close()


async def killed(join: Join, bot: RedisQueue, request: Request) -> None:
    """Have a request taken by a worker that starts again and has forgotten it."""
    assert (await bot.submit(request)).admission == "ok"
    await take_one(join(attempts=1))
    await join(attempts=1).take("worker", ["echo"], 0)


async def only(dead: DeadLetters) -> Letter:
    (letter,) = await dead.all()
    return letter


async def test_a_letter_tells_what_was_asked_and_why_it_failed(
    join: Join, dead: DeadLetters
) -> None:
    assert await dead.all() == []
    request = a_request("왜?", user="kim")
    await killed(join, join("bot"), request)
    letter = await only(dead)
    assert (letter.id, letter.why, letter.model) == (request.id, "dead", "echo")
    assert (letter.user, letter.bot, letter.failures) == ("kim", "bot", 1)
    assert await dead.request(letter) == request
    assert len(await dead.body(letter)) == letter.size


async def test_a_letter_that_is_put_back_is_answered_at_last(
    join: Join, dead: DeadLetters, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join(attempts=1)
    request = a_request(nonce="first")
    await killed(join, bot, request)
    letter = await only(dead)
    retried = await dead.retry(letter)
    assert (retried.admission, retried.position, retried.told) == ("ok", 1, False)
    assert await dead.all() == []
    job = await take_one(worker)
    assert (job.request.id, job.request.prompt, job.attempt) == (request.id, request.prompt, 2)
    assert job.request.request_class == "background"
    assert job.request.deadline > request.deadline
    await worker.finish(ended(job, "드디어"))
    # A bot that was not there meanwhile asks for the same again, and finds the answer.
    again = join("bot")
    assert (await again.submit(request)).admission == "ok"
    assert (await end_of(again, request.id)).text == "드디어"
    assert await client.ttl(f"{prefix}req:{request.id}") > 0


async def test_late_events_of_its_earlier_deliveries_stay_out(
    join: Join, dead: DeadLetters
) -> None:
    bot, first = join("bot"), join(attempts=1)
    await bot.submit(a_request())
    lost = await take_one(first)
    worker = join(attempts=1)
    await worker.take("worker", ["echo"], 0)
    assert (await dead.retry(await only(dead))).admission == "ok"
    job = await take_one(worker)
    assert not await first.finish(ended(lost, "spät"))
    assert await worker.finish(ended(job))


async def test_attempts_go_on_also_when_nothing_is_known_of_them_any_more(
    join: Join, dead: DeadLetters, client: Redis, prefix: str
) -> None:
    request = a_request()
    await killed(join, join("bot"), request)
    await client.delete(f"{prefix}req:{request.id}")
    retried = await dead.retry(await only(dead))
    assert (retried.admission, retried.told) == ("ok", True)
    assert (await take_one(join(attempts=1))).attempt > 100


async def test_it_runs_alone_and_dies_again_if_it_kills_again(
    join: Join, dead: DeadLetters
) -> None:
    bot = join("bot")
    request = a_request()
    await killed(join, bot, request)
    await dead.retry(await only(dead))
    for user in "ab":
        await bot.submit(a_request(user=user))
    (job,) = await join(attempts=1).take("worker", ["echo"], 3)
    assert job.request.id == request.id
    await join(attempts=1).take("worker", ["echo"], 0)
    assert (await only(dead)).failures == 2


async def test_a_bot_that_told_of_the_end_is_known(join: Join, dead: DeadLetters) -> None:
    bot = join("bot")
    request = a_request()
    await killed(join, bot, request)
    await end_of(bot, request.id)
    await bot.close()
    assert (await dead.retry(await only(dead))).told


async def test_the_same_retry_twice_is_one(join: Join, dead: DeadLetters) -> None:
    await killed(join, join("bot"), a_request())
    letter = await only(dead)
    worker = join(attempts=1)
    request = await dead.request(letter)
    assert request is not None
    arguments = dead._arguments(letter, request)
    answers = [await dead._link.run("dead_retry", *arguments) for _ in range(2)]
    assert answers[0] == answers[1]
    await worker.finish(ended(await take_one(worker)))
    assert await dead._link.run("dead_retry", *arguments) == answers[0]
    assert await worker.take("worker", ["echo"], 0) == []
    assert (await dead.retry(letter)).admission == "unreadable"


async def test_what_cannot_be_put_back_stays(
    join: Join, dead: DeadLetters, client: Redis, prefix: str
) -> None:
    bot = join("bot")
    request = a_request(conversation="here", nonce="one")
    await killed(join, bot, request)
    letter = await only(dead)

    async def refused() -> str:
        assert await only(dead) == letter
        return (await dead.retry(letter)).admission

    other = a_request(conversation="here")
    await bot.submit(other)
    assert await refused() == "conversation_busy"
    await bot.cancel(other.id)
    for user in "abc":
        await bot.submit(a_request(user=user))
    assert await refused() == "busy"
    await client.zrem(f"{prefix}serving:echo", "worker")
    assert await refused() == "no_worker"
    await bot.submit(a_request(id=request.id, conversation="here", nonce="two"))
    assert await refused() == "under_way"


async def test_a_letter_that_cannot_be_read_is_kept_as_it_is(
    join: Join, dead: DeadLetters, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    request, good = a_request(), a_request()
    await bot.submit(request)
    await bot.submit(good)
    await client.hset(f"{prefix}req:{request.id}", "body", b"\x81\xa6newer\x01")
    assert (await take_one(worker)).request == good
    letter = await only(dead)
    assert (letter.why, letter.size) == ("malformed", 8)
    assert await dead.body(letter) == b"\x81\xa6newer\x01"
    assert await dead.request(letter) is None
    assert (await dead.retry(letter)).admission == "unreadable"
    assert await only(dead) == letter


async def test_letters_are_dropped_and_strange_ones_too(
    dead: DeadLetters, client: Redis, prefix: str
) -> None:
    for number in range(PAGE + 5):
        await client.xadd(f"{prefix}dead", {"id": f"{number}", "failures": "x"})
    await client.xadd(f"{prefix}dead", {b"\xff": b"\xff"})
    letters = await dead.all()
    assert len(letters) == PAGE + 6
    assert letters[-1].name == letters[-1].entry
    await dead.drop(letters[1:])
    assert await only(dead) == letters[0]
    await dead.drop(letters)
    assert await dead.all() == []
