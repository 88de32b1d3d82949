"""The server for monitors: it answers, says when the loop does not, and keeps to itself."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.core.operating.asking import asked, asked_json
from tests.core.operating.conftest import SetupMaker

from madang.errors import SettingsError
from madang.operating import monitored
from madang.operating import server as server_module
from madang.operating.listening import Address
from madang.operating.page import Page
from madang.operating.server import serving

PROFILE = Path("my.toml")


async def hello() -> Page:
    return Page(200, b"hello", "text/plain")


async def broken() -> Page:
    raise ZeroDivisionError


@asynccontextmanager
async def a_server() -> AsyncIterator[str]:
    pages = {"/hello": hello, "/broken": broken}
    async with serving(Address.of("127.0.0.1:0", PROFILE), pages) as url:
        yield url


async def test_pages_are_made_in_the_loop() -> None:
    async with a_server() as url:
        assert await asyncio.to_thread(asked, url, "/hello") == (200, "hello")
        assert await asyncio.to_thread(asked, url, "/hello?now=1") == (200, "hello")
        assert await asyncio.to_thread(asked, url, "/hello", "HEAD") == (200, "")
        status, body = await asyncio.to_thread(asked_json, url, "/other")
        assert (status, "/hello" in body["why"]) == (404, True)
        assert (await asyncio.to_thread(asked, url, "/hello", "POST"))[0] == 501


async def test_a_loop_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "LOOP_SECONDS", 0.05)
    async with a_server() as url:
        # Asked from the loop itself, which so cannot answer.
        status, body = asked_json(url, "/hello")
        assert (status, body["why"]) == (503, "The event loop did not answer within 0.05 s.")
        assert await asyncio.to_thread(asked, url, "/hello") == (200, "hello")


async def test_a_page_with_a_bug_hurts_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    async with a_server() as url:
        with pytest.raises(ConnectionError):
            await asyncio.to_thread(asked, url, "/broken")
        assert await asyncio.to_thread(asked, url, "/hello") == (200, "hello")
    assert "A request of a monitor failed." in caplog.text


async def test_nothing_listens_afterwards() -> None:
    async with a_server() as url:
        pass
    with pytest.raises(ConnectionRefusedError):
        asked(url, "/hello")


async def test_a_port_that_is_taken_is_named(a_setup: SetupMaker) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = "{}:{}".format(*taken.getsockname())
        setup = a_setup(f'[operations]\nlisten = "{where}"\n')
        with pytest.raises(SettingsError) as caught:
            async with monitored(setup):
                pass
    assert f"my.toml: operations.listen: cannot listen at {where}: " in caught.value.message
    assert "in use" in caught.value.message
    assert "MADANG__OPERATIONS__LISTEN" in caught.value.hint


@pytest.mark.parametrize(
    "listen",
    ["9464", ":9464", "127.0.0.1", "127.0.0.1:70000", "http://127.0.0.1:1", "a b:1", "*:1"],
)
def test_a_wrong_address_is_named(listen: str) -> None:
    with pytest.raises(SettingsError, match=r"my\.toml: operations\.listen: '.*' is no address"):
        Address.of(listen, PROFILE)


@pytest.mark.parametrize("listen", ["192.0.2.1:9464", "no-such-host.invalid:9464", "a..b:9464"])
async def test_an_address_of_others_is_named(listen: str) -> None:
    with pytest.raises(SettingsError, match=r"cannot listen at"):
        async with serving(Address.of(listen, PROFILE), {}):
            pass


async def test_ipv6_has_its_brackets() -> None:
    if not socket.has_ipv6:
        pytest.skip("there is no IPv6 here")
    try:
        async with serving(Address.of("[::1]:0", PROFILE), {"/hello": hello}) as url:
            assert url.startswith("http://[::1]:")
            assert await asyncio.to_thread(asked, url, "/hello") == (200, "hello")
    except SettingsError:
        pytest.skip("there is no IPv6 here")
