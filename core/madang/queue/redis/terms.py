"""What a deployment of bots and workers agrees on."""

from dataclasses import dataclass

HOUR = 3_600_000


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Hold the limits of a queue, which are to be the same in all processes of a namespace.

    `lease` is in seconds: how long a worker may be silent before its requests go to others. A
    request that was lost `attempts` times is given up. `body_bytes` bounds one encoded request.
    With `needs_worker` a request for a model that no worker offers gets `no_worker` at once.
    """

    namespace: str = "madang"
    lease: float = 10.0
    attempts: int = 3
    max_waiting: int = 256
    max_waiting_per_user: int = 8
    body_bytes: int = 65_536
    needs_worker: bool = False

    @property
    def prefix(self) -> str:
        """Begin every key so; the braces keep all keys of a deployment on one cluster node."""
        return f"{{madang:{self.namespace}}}:"

    @property
    def constants(self) -> dict[str, float]:
        """Name what the scripts know, times in milliseconds.

        A worker counts as alive, and a load as going on, for three leases after its last word; a
        chat is given up when its bot has not been heard of for five minutes. An end is kept for an
        hour, for a minute once it was delivered, a dead letter for a week; what requests share
        outlives the longest of them, which may wait for a day.
        """
        lease = round(self.lease * 1000)
        return {
            "LEASE": lease,
            "ALIVE": 3 * lease,
            "FORSAKEN": HOUR // 12,
            "ATTEMPTS": self.attempts,
            "KEPT": HOUR,
            "ACKNOWLEDGED": HOUR // 60,
            "SHARED": 48 * HOUR,
            "BURIED": 7 * 24 * HOUR,
            "RECENT": HOUR // 60,
            "REPLIES": 8192,
            "DEAD": 1000,
            "BULK_EVERY": 16,
            "WEIGHT": 0.2,
        }
