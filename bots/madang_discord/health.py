"""Whether a connection hears: it may be away for a while, and its heart may lag."""

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang_discord.ears import Ears

DEAF_SECONDS = 120.0
"""How long a connection may be away, or its heart may lag, before a new one is made."""
SLOW_SECONDS = 30.0


class Health:
    """Follow the shards of one connection; it is there when all of them are."""

    def __init__(self, client: "Ears") -> None:
        self._client = client
        self._up: set[int] = set()
        self._away_since: float | None = time.monotonic()

    def came(self, shard: int) -> None:
        """Note that a shard is there."""
        self._up.add(shard)
        if len(self._up) >= (self._client.shard_count or 1):
            self._away_since = None

    def went(self, shard: int) -> None:
        """Note that a shard is away."""
        self._up.discard(shard)
        self._away_since = self._away_since or time.monotonic()

    @property
    def given_up(self) -> bool:
        """Say that this connection will not come back by itself."""
        if self._away_since is not None:
            # It has no heart to measure now, and may be about to resume.
            return time.monotonic() - self._away_since > DEAF_SECONDS
        return bool(self._lags(DEAF_SECONDS))

    def why_deaf(self) -> str:
        """Say why nothing is heard now; empty when all is well."""
        if self._away_since is not None:
            return f"There has been no connection for {time.monotonic() - self._away_since:.0f} s."
        slow = [f"{shard}: {seconds:.0f} s" for shard, seconds in self._lags(SLOW_SECONDS)]
        return f"The heart lags ({', '.join(slow)})." if slow else ""

    def _lags(self, most: float) -> list[tuple[int, float]]:
        """Return the shards whose heart lags by more; one without a first beat is not measured."""
        return [each for each in self._client.latencies if most < each[1] < math.inf]
