"""Thousands of requests while bots, workers and their server are killed again and again."""

from pathlib import Path

import pytest
from tests.core.queue.redis.soaking import BOTS, Soak
from tests.standins.redis_server import find_server, running

SECONDS = 75
REQUESTS = 1000
GROWTH = 1.2
"""By how much the server may grow at the end: what was delivered is forgotten after a minute."""


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["redis", "valkey"])
async def test_kills_and_restarts_lose_nothing_and_double_nothing(
    tmp_path: Path, kind: str
) -> None:
    binary = find_server(kind)
    if binary is None:
        pytest.skip(f"there is no {kind} server here")
    folder = tmp_path / "server"
    folder.mkdir()
    with running(binary, folder, ["--appendonly", "yes"]) as server:
        soak = Soak(server, tmp_path, seed=1)
        await soak.run(SECONDS)
        await soak.check_server()
    asked = sum(len(soak.journal(bot).asked) for bot in BOTS)
    print(f"{kind}: {asked} requests, {soak.check()} apologies, {soak.memory[-1]:,} bytes")
    assert asked > REQUESTS
    assert soak.memory[-1] < GROWTH * max(soak.memory[: len(soak.memory) * 3 // 4])
