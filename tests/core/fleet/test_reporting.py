"""A worker's reports, while the server is there and while it is not."""

import asyncio
import itertools
import logging
from pathlib import Path

import pytest
from tests.standins.redis_server import free_port

from madang.fleet import reporting as module
from madang.fleet.reporting import reporting
from madang.queue import LocalQueue
from madang.setup import prepare
from madang.testing import EchoBackend
from madang.worker import Pool, Worker
from madang.worker.report import WorkerReport


async def test_a_report_that_cannot_be_given_is_logged_once_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MADANG_HOME", str(tmp_path))
    monkeypatch.setattr(module, "REPORT_SECONDS", 0.0)
    path = tmp_path / "fleet.toml"
    queue = f'[queue]\nkind = "redis"\nurl = "redis://:secret@127.0.0.1:{free_port()}"\n'
    path.write_text(f'[models.echo]\nbackend = "echo"\n{queue}', "utf-8")
    tries, enough = itertools.count(1), asyncio.Event()

    class Counted(Worker):
        def report(self) -> WorkerReport:
            if next(tries) == 5:
                enough.set()
            return super().report()

    worker = Counted(LocalQueue(), Pool({"echo": EchoBackend()}))
    with caplog.at_level(logging.WARNING):
        async with reporting(worker, prepare(path, {})):
            await enough.wait()
    (record,) = caplog.records
    assert "cannot be told to `madang status`" in record.getMessage()
    assert "secret" not in record.getMessage()
