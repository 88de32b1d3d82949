"""The same job on the demo model, and on workers behind a server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.core.generating.pdf_files import pdf_of
from tests.core.generating.test_generate import BOOK, PROFILE, Job, Pairs
from tests.docs.markdown import blocks, read
from tests.standins.redis_server import WHERE_FROM, find_server, running

from madang.generating import Document
from madang.queue.redis import RedisQueue, Terms
from madang.testing import open_chat
from madang.worker import Pool, working

DEMO = Path(__file__).parents[3] / "config" / "demo.toml"
HANGUL = (
    "훈민정음은 세종대왕이 1443년에 만들고 1446년에 반포한 글자이다. "
    "백성이 쉽게 글을 읽고 쓰도록 하기 위해 만들었다."
)
LEAVES = (
    "광합성은 식물이 빛을 이용해 이산화탄소와 물로 양분을 만드는 과정이다. 이때 산소가 함께 나온다."
)


async def test_the_demo_model_asks_about_two_pages() -> None:
    async with open_chat(DEMO) as chat:
        generated = await Job(chat).run(Document("책.pdf", pdf_of([HANGUL, LEAVES])))
        (counted,) = await chat.yard.store.usage("model")
    rows = [json.loads(line) for line in generated.jsonl.splitlines()]
    assert [row["source"]["page"] for row in rows] == [1, 2]
    assert [row["passage"] for row in rows] == [HANGUL, LEAVES]
    assert all(row["question"] and row["answer"] for row in rows)
    shown = next(each.text for each in blocks(read("generating.md")) if each.language == "json")
    assert rows[1] == json.loads(shown)
    assert (counted.model, counted.requests) == ("demo", 2)


@pytest.fixture(params=["redis", "valkey"])
def server_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Run a server of each kind."""
    binary = find_server(request.param)
    if binary is None:
        pytest.skip(f"there is no {request.param} server here: {WHERE_FROM[request.param]}")
    with running(binary, tmp_path_factory.mktemp(request.param)) as server:
        yield server.url


async def test_workers_behind_a_server_do_it_too(server_url: str, tmp_path: Path) -> None:
    profile = tmp_path / "fleet.toml"
    profile.write_text(f'{PROFILE}[queue]\nkind = "redis"\nurl = "{server_url}"\n', "utf-8")
    queue = RedisQueue(server_url, terms=Terms(namespace="madang"))
    async with working(queue, Pool({"echo": Pairs()})), open_chat(profile) as chat:
        await queue.take("worker", ["echo"], 0)
        generated = await Job(chat).run(BOOK, samples=4)
    await queue.close()
    assert (len(generated.pairs), generated.problem) == (8, None)
