"""What a server tells of itself, and what of that loses requests."""

from typing import Any

import pytest

from madang.errors import SettingsError
from madang.fleet.server import server_from

WELL: dict[str, Any] = {
    "redis_version": "7.0.15",
    "uptime_in_seconds": 90,
    "used_memory": 2**20,
    "maxmemory": 2**30,
    "maxmemory_policy": "noeviction",
    "evicted_keys": 0,
    "aof_enabled": 1,
    "aof_last_write_status": "ok",
}


def test_a_server_that_is_well_has_no_problems() -> None:
    server = server_from(WELL, "redis://h")
    assert (server.kind, server.version, server.append_only) == ("Redis", "7.0.15", True)
    assert list(server.problems) == []
    assert server_from({**WELL, "valkey_version": "9.1.2"}, "").kind == "Valkey"


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"maxmemory_policy": "allkeys-lru"}, "drops keys when its memory is full"),
        ({"evicted_keys": 1234}, "has dropped 1,234 keys"),
        ({"used_memory": 2**30 - 2**20}, "memory is full to 100%"),
        ({"aof_last_write_status": "err"}, "cannot write to its disk"),
        ({"rdb_last_bgsave_status": "err"}, "cannot write to its disk"),
    ],
)
def test_what_loses_requests_is_told(told: dict[str, Any], problem: str) -> None:
    (found,) = server_from({**WELL, **told}, "redis://h").problems
    assert problem in found


def test_a_server_that_may_not_be_asked_is_known_by_its_address() -> None:
    server = server_from({}, "redis://h")
    assert (server.address, server.kind, server.up) == ("redis://h", "", None)
    assert list(server.problems) == []


def test_one_that_is_too_old_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"is Redis 6\.2\.1"):
        server_from({**WELL, "redis_version": "6.2.1"}, "redis://h")
