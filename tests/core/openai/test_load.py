"""Reaching a server: what it serves is compared with what the table expects."""

import subprocess
import sys

import pytest
from tests.core.openai.asking import answer, request
from tests.core.openai.conftest import DEMO, MakeBackend
from tests.standins.openai_server import Reply, StandIn, event, json_reply, serving
from tests.standins.openai_server import answer as whole

from madang.contract import Model, Server
from madang.errors import MissingPackage, ModelError
from madang.openai import OpenAIBackend

LAZY = """
import sys
import madang.openai
heavy = {"httpx2", "transformers", "torch"} & sys.modules.keys()
assert not heavy, heavy
"""


def test_importing_the_backend_imports_no_client() -> None:
    subprocess.run([sys.executable, "-c", LAZY], check=True)


async def test_a_server_that_is_not_there_is_told_with_its_address(make: MakeBackend) -> None:
    async with serving(StandIn()) as gone:
        url = gone.url
    with pytest.raises(ModelError) as caught:
        await make(url=url).load(lambda done: None)
    assert f"at {url}/v1 cannot be reached" in caught.value.message
    assert "Start it" in caught.value.hint


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        (Reply(kind="text/html", parts=("<html>",)), "cannot be read: <html>"),
        (json_reply({"data": []}), "does not serve the model 'served'"),
        (json_reply({"data": [{"id": "serves"}]}), "does not serve the model 'served'"),
        (json_reply({"detail": "Not Found"}, status=404), "does not know"),
    ],
)
async def test_loading_says_what_is_wrong_with_the_server(
    standin: StandIn, make: MakeBackend, listing: Reply, words: str
) -> None:
    standin.listing = listing
    with pytest.raises(ModelError) as caught:
        await make().load(lambda done: None)
    assert words in caught.value.message
    if "serves" in str(listing.parts):
        assert caught.value.hint == "Did you mean 'serves'?"


async def test_the_context_is_the_servers_unless_the_table_says_less(
    standin: StandIn, make: MakeBackend
) -> None:
    for table, expected in ((0, 512), (300, 300)):
        backend = make({"context": table})
        await backend.load(lambda done: None)
        assert backend.context == expected
    with pytest.raises(ModelError, match="context is 513, but the server takes 512 tokens"):
        await make({"context": 513}).load(lambda done: None)
    standin.listing = json_reply({"data": [{"id": "x", "aliases": ["served"], "meta": {}}]})
    with pytest.raises(ModelError, match="does not tell its context"):
        await make().load(lambda done: None)


async def test_adapters_are_looked_for_by_their_served_names(
    standin: StandIn, make: MakeBackend
) -> None:
    standin.replies = [whole("시"), whole("글")]
    backend = make({"adapters": {"poetry": "poet"}}, kind="vllm")
    await answer(backend, request(adapter="poetry"))
    await answer(backend, request())
    assert [asked.body["model"] for asked in standin.asked[1:]] == ["poet", "served"]
    with pytest.raises(ModelError, match="does not serve the adapter 'poem'") as caught:
        await make({"adapters": {"poetry": "poem"}}).load(lambda done: None)
    assert "'poet'" in caught.value.hint


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (event({"status": "error", "message": "no such folder"}), "does not serve the model"),
        (event({"stage": "weights"}), "cannot be read"),
        (event("x" * 1_100_000), "cannot be read"),
    ],
    ids=["error", "unknown", "endless"],
)
async def test_a_model_that_transformers_serve_cannot_load_is_told(
    standin: StandIn, make: MakeBackend, step: str, words: str
) -> None:
    standin.replies = [Reply(parts=(event({"status": "loading"}), step))]
    with pytest.raises(ModelError, match=words):
        await make({"context": 64}, kind="transformers").load(lambda done: None)


@pytest.mark.parametrize("package", ["httpx2", "transformers"])
async def test_a_package_that_is_missing_is_named_with_its_extra(
    make: MakeBackend, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    backend = make({"tokenizer": str(DEMO)} if package == "transformers" else None)
    with pytest.raises(MissingPackage, match=f"'{package}'") as caught:
        await backend.load(lambda done: None)
    assert "madang[openai]" in caught.value.hint


def test_making_a_backend_reaches_nothing() -> None:
    server = Server(url="http://nowhere.invalid", model="served")
    backend = OpenAIBackend("kim", Model(server=server))
    assert backend.context == 0
    assert backend.capabilities.slots == 16
