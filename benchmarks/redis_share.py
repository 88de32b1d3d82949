"""What Redis between bot and worker costs the engine: tokens a second with it over those without.

Run `python benchmarks/redis_share.py MODEL`, a folder with weights, such as one that
`madang bench engine --keep FOLDER` leaves. A worker with a Redis and one within its bot's process
answer the same 16 requests in turn; leave the machine idle. OMP_NUM_THREADS=1 leaves a core to the
bot and the server, as where they have machines of their own.
"""

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from madang.contract import End, Model, Part, Prompt, Queue, Request, Sampling, Segment
from madang.inference import LocalBackend
from madang.queue import LocalQueue
from madang.queue.redis import RedisQueue, Terms
from madang.testing.redis_server import find_server, running
from madang.worker import Pool, Worker

ROUNDS, WARM, STREAMS, TOKENS = 12, 4, 16, 64
TERMS = Terms(max_waiting=10**6, max_waiting_per_user=10**6)


async def main(model: str) -> None:
    """Measure both in turn and print the median of each."""
    binary = find_server("redis") or find_server("valkey")
    if binary is None:
        sys.exit("there is neither a Redis nor a Valkey here")
    with running(binary, Path(tempfile.mkdtemp())) as server:
        apart = _child("apart", model, server.url)
        within = _child("within", model, "")
        bot = RedisQueue(server.url, terms=TERMS)
        pairs = []
        for number in range(ROUNDS):
            with_redis = await _round(bot, number)
            without = await asyncio.to_thread(_told, within, number)
            print(f"round {number + 1}: {with_redis:.0f} with, {without:.0f} without")
            pairs.append((with_redis, without))
        with_redis, without = (statistics.median(each) for each in zip(*pairs[WARM:], strict=True))
        print(f"{with_redis:.0f} over {without:.0f} tokens/s: {with_redis / without:.3f}")
        await bot.close()
        for child in (apart, within):
            child.kill()
            child.communicate()


def _child(which: str, model: str, url: str) -> "subprocess.Popen[str]":
    command = [sys.executable, __file__, model, which, url]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if child.stdout is None or not child.stdout.readline():
        sys.exit(f"the worker {which} did not start")
    return child


def _told(child: "subprocess.Popen[str]", number: int) -> float:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child has no pipes")
    print(number, file=child.stdin, flush=True)
    return float(child.stdout.readline())


async def _apart(backend: LocalBackend, url: str) -> None:
    worker = Worker(RedisQueue(url, terms=TERMS), Pool({"model": backend}), name="worker")
    print("ready", flush=True)
    await worker.run()


async def _within(backend: LocalBackend) -> None:
    queue = LocalQueue(models=["model"], max_waiting=1000, max_waiting_per_user=1000)
    working = asyncio.create_task(Worker(queue, Pool({"model": backend})).run())
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(await _round(queue, int(line)), flush=True)
    working.cancel()


async def _round(queue: Queue, number: int) -> float:
    words = random.Random(number)
    asked = [_request(words, f"{number}-{each}") for each in range(STREAMS)]
    begun = time.perf_counter()
    tokens = await asyncio.gather(*(_ask(queue, request) for request in asked))
    return sum(tokens) / (time.perf_counter() - begun)


async def _ask(queue: Queue, request: Request) -> int:
    await queue.submit(request)
    ends = [event async for event in queue.events(request.id) if isinstance(event, End)]
    return ends[0].usage.output


def _request(words: random.Random, name: str) -> Request:
    text = " ".join(f"w{words.randrange(30_000)}" for _ in range(words.randint(20, 120)))
    tail = Segment(kind="tail", role="user", parts=(Part(text),))
    return Request(
        id=name,
        nonce=name,
        conversation=name,
        user=name,
        model="model",
        prompt=Prompt("completion", (tail,)),
        sampling=Sampling(max_new_tokens=TOKENS),
        deadline=time.time() + 600,
    )


async def _serve(model: str, which: str, url: str) -> None:
    table = Model(source=model, dtype="bfloat16", context=2048, slots=STREAMS)
    backend = LocalBackend("model", table)
    await backend.load(lambda done: None)
    await (_apart(backend, url) if which == "apart" else _within(backend))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        asyncio.run(main(sys.argv[1]))
    elif len(sys.argv) == 4:
        asyncio.run(_serve(sys.argv[1], sys.argv[2], sys.argv[3]))
    else:
        sys.exit(__doc__)
