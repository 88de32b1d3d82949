"""The way to the server encrypted, and a user of the server with few rights."""

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.core.queue.redis.crew import joined
from tests.standins.redis_proxy import Proxy
from tests.standins.redis_server import Server, find_server, free_port, running

from madang.errors import MadangError, SettingsError
from madang.queue.redis import Terms
from madang.testing import a_request, end_of, ended, events_of, piece, take_one

Start = Callable[..., Server]
TERMS = Terms(lease=1.0)


@dataclass(frozen=True)
class Certificate:
    """Name the files of a certificate that signed itself, for 127.0.0.1."""

    certificate: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        """Return what a server needs to show it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    @property
    def options(self) -> list[str]:
        """Return what a server of its own needs to show it."""
        files = ["--tls-cert-file", f"{self.certificate}", "--tls-key-file", f"{self.key}"]
        return [*files, "--tls-ca-cert-file", f"{self.certificate}", "--tls-auth-clients", "no"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Make a certificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=queue", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-out", f"{made.certificate}", "-keyout", f"{made.key}"]
    subprocess.run([openssl, *words.split(), *names, *files], check=True, capture_output=True)
    return made


@pytest.fixture(params=["redis", "valkey"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Return what starts a server of the test's own, with options of its command line."""
    binary = find_server(request.param)
    if binary is None:
        pytest.skip(f"there is no {request.param} server here")
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(running(binary, tmp_path, options))


@asynccontextmanager
async def encrypted(start: Start, certificate: Certificate) -> AsyncIterator[str]:
    """Run a server that speaks TLS, or, where it was built without, behind one that does."""
    port = free_port()
    try:
        start("--tls-port", f"{port}", *certificate.options)
    except RuntimeError:
        async with Proxy(start().port, tls=certificate.context).running() as proxy:
            yield proxy.url
    else:
        yield f"rediss://127.0.0.1:{port}"


async def converse(url: str) -> None:
    """Do everything that a bot and a worker do."""
    async with AsyncExitStack() as stack:
        queues = [joined(url, TERMS, name) for name in ("bot", "worker", "other")]
        bot, worker, other = [await stack.enter_async_context(each) for each in queues]
        await worker.check()
        asked, dropped = a_request(user="one"), a_request(user="two")
        await bot.submit(asked)
        job = await take_one(worker)
        await worker.publish([piece(job, 0, "안")])
        assert not (await worker.renew("worker", [asked.id])).lost
        await worker.release(asked.id, job.attempt)
        again = await take_one(worker)
        await bot.submit(dropped)
        await bot.cancel(dropped.id)
        assert (await end_of(bot, dropped.id)).reason == "cancelled"
        assert await worker.finish(ended(again))
        assert (await events_of(bot, asked.id))[-1] == ended(again)
        assert await end_of(other, asked.id) == ended(again)


async def refusal(url: str) -> MadangError:
    """Return what a conversation raises."""
    with pytest.raises(MadangError) as raised:
        await converse(url)
    return raised.value


async def test_everything_goes_encrypted(start: Start, certificate: Certificate) -> None:
    async with encrypted(start, certificate) as url:
        await converse(f"{url}?ssl_ca_certs={certificate.certificate}")


async def test_a_certificate_that_nobody_vouches_for_is_told_with_the_next_step(
    start: Start, certificate: Certificate
) -> None:
    async with encrypted(start, certificate) as url:
        error = await refusal(url)
    assert isinstance(error, SettingsError)
    assert "certificate" in error.message
    assert "ssl_ca_certs" in error.hint


async def test_a_certificate_for_another_host_is_told_with_the_next_step(
    start: Start, certificate: Certificate
) -> None:
    async with encrypted(start, certificate) as url:
        elsewhere = url.replace("127.0.0.1", "localhost")
        error = await refusal(f"{elsewhere}?ssl_ca_certs={certificate.certificate}")
    assert isinstance(error, SettingsError)
    assert "localhost" in error.message


async def test_the_rights_that_are_recommended_are_enough(start: Start) -> None:
    server = start("--user", "bot", "on", ">word", "~other:*", "+@all")
    hint = (await refusal(f"redis://bot:word@127.0.0.1:{server.port}")).hint
    rights = hint.split("`")[1].replace("NAMESPACE", TERMS.namespace)
    advised = start("--user", "bot", "on", ">word", *rights.split())
    await converse(f"redis://bot:word@127.0.0.1:{advised.port}")


@pytest.mark.parametrize("missing", ["-@scripting", "-@stream", "-@write", "-evalsha"])
async def test_too_few_rights_are_told_with_the_next_step(start: Start, missing: str) -> None:
    server = start("--user", "bot", "on", ">word", "~*", "+@all", missing)
    error = await refusal(f"redis://bot:word@127.0.0.1:{server.port}")
    assert isinstance(error, SettingsError)
    assert "does not permit" in error.message
    assert "+@all -@admin" in error.hint
