"""Whether a server is fit to hold a queue."""

import logging
from collections.abc import Mapping
from typing import Any

from madang.errors import SettingsError

_log = logging.getLogger(__name__)

OLDEST = (7, 0)


def check(information: Mapping[str, Any], where: str) -> None:
    """Refuse a server that is too old, and warn about one that may forget what it was given.

    `information` is what `INFO` says; without permission to ask, it is empty and nothing is said.
    """
    version = str(information.get("redis_version", ""))
    if version and _numbers(version) < OLDEST:
        raise SettingsError(
            f"The queue's server at {where} is Redis {version}, and its scripts need "
            f"{'.'.join(map(str, OLDEST))}.",
            "Install Redis 7.0 or newer, or any Valkey.",
        )
    policy = information.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        _log.warning(
            "The queue's server at %s drops keys when its memory is full (maxmemory-policy %s): "
            "set it to noeviction, or requests are lost.",
            where,
            policy,
        )
    if information.get("aof_enabled") == 0:
        _log.info(
            "The queue's server at %s writes no append-only file: what is queued is submitted "
            "again after its restart (appendonly yes keeps it).",
            where,
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
