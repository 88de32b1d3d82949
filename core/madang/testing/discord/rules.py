"""The numbers of the service: limits, deadlines and rates, each changeable for a test."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Rate:
    """Allow `count` requests in every window of `seconds`."""

    count: int
    seconds: float


def _rates() -> dict[str, Rate]:
    return {
        "message.create": Rate(5, 5.0),
        "message.edit": Rate(5, 5.0),
        "message.delete": Rate(5, 1.0),
        "typing": Rate(5, 5.0),
        "reaction": Rate(1, 0.25),
        "webhook": Rate(5, 2.0),
        "other": Rate(50, 1.0),
    }


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Hold every number that the stand-in enforces; times are in seconds, sizes in bytes.

    `rates` are per route and major parameter (channel, guild or webhook); the interaction
    endpoints are outside of `global_rate`, as the published documentation says.
    """

    global_rate: Rate = Rate(50, 1.0)
    rates: Mapping[str, Rate] = field(default_factory=_rates)
    answer_within: float = 3.0
    token_lifetime: float = 900.0
    nonce_memory: float = 300.0
    link_lifetime: float = 86_400.0
    heartbeat_every: float = 41.25
    gateway_rate: Rate = Rate(120, 60.0)
    replay_kept: int = 1000
    sessions_a_day: int = 1000
    creates_a_day: int = 200
    invalid_requests: int = 10_000
    attachment_size: int = 10 * 1024 * 1024
    recommended_shards: int = 1

    def scaled(self, factor: float) -> "Rules":
        """Return rules whose rate windows last `factor` times as long (0.1: ten times faster)."""
        return replace(
            self,
            global_rate=Rate(self.global_rate.count, self.global_rate.seconds * factor),
            rates={
                name: Rate(rate.count, rate.seconds * factor) for name, rate in self.rates.items()
            },
        )

    def rated(self, name: str, count: int, seconds: float) -> "Rules":
        """Return rules with one rate changed, such as `rated("message.edit", 2, 0.5)`."""
        return replace(self, rates={**self.rates, name: Rate(count, seconds)})
