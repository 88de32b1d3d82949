"""What the server holds: bounded, with a time to live, by namespace, and never trusted."""

import asyncio

import pytest
from redis.asyncio import Redis
from tests.core.queue.redis.conftest import Join, entries

from madang.contract import RequestClass
from madang.queue.redis import RedisQueue, Terms
from madang.testing import a_request, end_of, ended, loading, piece, serve_in_turn, take_one


async def test_every_key_lives_for_a_time_and_lies_on_one_node(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot", lease=0.2), join(lease=0.2)
    for number in range(4):
        await bot.submit(a_request(user=f"user-{number}"))
    await serve_in_turn(worker, 1)
    job = await take_one(worker)
    await worker.publish([loading(job, 0.5)])
    await worker.renew("worker", [job.request.id])
    await bot.cancel(job.request.id)
    lost = await take_one(worker)
    for _ in range(3):
        await asyncio.sleep(0.5)
        lost = await take_one(worker)
    assert lost
    names = [name async for name in client.scan_iter(f"{prefix}*")]
    assert len({name.removeprefix(prefix.encode()).split(b":")[0] for name in names}) >= 14
    assert {name: await client.ttl(name) for name in names if await client.ttl(name) < 0} == {}
    assert all(name.startswith(prefix.encode()) for name in names)


async def test_what_ended_leaves_nothing_behind_but_its_end(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    for number in range(100):
        await bot.submit(a_request(user=f"user-{number}"))
    await serve_in_turn(worker, 100)
    for kind in ("conv:*", "user:*", "lease:*", "held:*", "q:*", "waiting"):
        assert [name async for name in client.scan_iter(f"{prefix}{kind}")] == []
    await bot.submit(a_request())
    assert await client.hlen(f"{prefix}fair:echo:interactive") <= 70
    assert await client.xlen(f"{prefix}bell:echo") <= 200


async def test_deployments_on_one_server_do_not_meet(url: str, namespace: str) -> None:
    queues = [RedisQueue(url, terms=Terms(namespace=namespace + each)) for each in "ab"]
    request = a_request()
    await queues[0].submit(request)
    taking = asyncio.create_task(take_one(queues[1]))
    assert (await take_one(queues[0])).request == request
    assert not taking.done()
    for queue in queues:
        await queue.close()
    await asyncio.wait({taking})
    taking.exception()


async def test_a_body_that_cannot_be_read_is_put_aside(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    broken, good = a_request(), a_request()
    await bot.submit(broken)
    await bot.submit(good)
    await client.hset(f"{prefix}req:{broken.id}", "body", b"\x81\xa6newer\x01")
    assert (await take_one(worker)).request == good
    end = await end_of(bot, broken.id)
    assert end.problem is not None
    assert "cannot be read" in end.problem.message
    ((_, letter),) = await entries(client, f"{prefix}dead")
    assert (letter[b"why"], letter[b"body"]) == (b"malformed", b"\x81\xa6newer\x01")


async def test_foreign_entries_in_the_queue_are_cleared_away(
    join: Join, client: Redis, prefix: str
) -> None:
    bot, worker = join("bot"), join()
    await client.zadd(f"{prefix}q:echo:interactive", {"strange": 0, f"{0:016d}:nobody": 0})
    await client.zadd(f"{prefix}lease:echo", {"nobody": 1})
    await client.zadd(f"{prefix}waiting", {"nobody": 1})
    await client.set(f"{prefix}req:taken", "by a stranger")
    await client.sadd(f"{prefix}models", "echo")
    request = a_request(id="taken")
    assert (await bot.submit(request)).admission == "ok"
    assert (await take_one(worker)).request == request
    await bot.submit(a_request())
    await take_one(worker)
    assert await client.zcard(f"{prefix}q:echo:interactive") == 0


async def test_no_worker_is_told_at_once_where_that_is_wanted(join: Join) -> None:
    bot, worker = join("bot", needs_worker=True), join()
    assert (await bot.submit(a_request())).admission == "no_worker"
    await worker.take("worker", ["echo"], 0)
    assert (await bot.submit(a_request())).admission == "ok"
    assert (await bot.submit(a_request(model="other"))).admission == "no_worker"
    await asyncio.sleep(3 * bot.terms.lease)
    assert (await bot.submit(a_request())).admission == "no_worker"


async def test_a_conversation_is_busy_for_all_bots(join: Join) -> None:
    one, two = join("one"), join("two")
    await one.submit(a_request(conversation="here"))
    assert (await two.submit(a_request(conversation="here"))).admission == "conversation_busy"


async def test_the_same_submission_from_two_processes_is_one(join: Join) -> None:
    one, two, worker = join("bot"), join("bot"), join()
    request = a_request()
    answers = await asyncio.gather(
        *(queue.submit(request) for queue in (one, two) for _ in range(5))
    )
    assert {(each.admission, each.position) for each in answers} == {("ok", 1)}
    job = await take_one(worker)
    await worker.finish(ended(job))
    assert await end_of(one, request.id) == await end_of(two, request.id) == ended(job)
    assert not await worker.take("worker", ["echo"], 0)


async def test_a_flood_leaves_the_others_their_turns(join: Join) -> None:
    bot, worker = join("bot", max_waiting=1000, max_waiting_per_user=1000), join()
    for _ in range(200):
        await bot.submit(a_request(user="flood"))
    for number in range(25):
        await bot.submit(a_request(user=f"user-{number % 5}"))
    served = await serve_in_turn(worker, 225)
    last = max(place for place, request in enumerate(served, 1) if request.user != "flood")
    assert last <= 40


async def test_bulk_work_gets_half_of_the_slots_while_people_chat(join: Join) -> None:
    bot, worker = join("bot", max_waiting_per_user=100), join()
    for _ in range(8):
        await bot.submit(a_request(request_class="bulk"))
    assert len(await worker.take("one", ["echo"], 4)) == 4
    await bot.submit(a_request())
    jobs = await worker.take("two", ["echo"], 4)
    kinds: list[RequestClass] = [job.request.request_class for job in jobs]
    assert kinds == ["interactive", "bulk", "bulk"]


async def test_the_wait_is_estimated_from_what_was_served(join: Join) -> None:
    bot, worker = join("bot"), join()
    await bot.submit(a_request())
    (job,) = await worker.take("worker", ["echo"], 1)
    await asyncio.sleep(0.2)
    await worker.finish(ended(job))
    idle = await bot.submit(a_request())
    await worker.take("worker", ["echo"], 1)
    behind = await bot.submit(a_request())
    assert idle.eta == 0.0
    assert behind.eta == pytest.approx(0.2, abs=0.1)


async def test_pieces_go_as_one_entry_a_flush(join: Join, client: Redis, prefix: str) -> None:
    bot, worker = join("bot"), join()
    for number in range(8):
        await bot.submit(a_request(user=f"user-{number}"))
    jobs = await worker.take("worker", ["echo"], 8)
    await worker.publish([piece(job, 0, "안녕") for job in jobs])
    assert await client.xlen(f"{prefix}r:bot") == 1
