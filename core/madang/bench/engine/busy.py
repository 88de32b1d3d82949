"""How much of the processor others used while we measured."""

import os
import time
from pathlib import Path

STAT = Path("/proc/stat")
IDLE = (3, 4)  # the fields of idle and waiting for a disk
GUESTS = 8  # from here on the fields are part of earlier ones
TOLERATED = 0.03


class Busy:
    """Watch the processor from now on."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._before = _others()

    def share(self) -> float | None:
        """Return the share of all cores that other processes took; None where nobody says.

        Our own children count as ours once they have ended.
        """
        after = _others()
        if self._before is None or after is None:
            return None
        seconds = (time.monotonic() - self._begin) * (os.cpu_count() or 1)
        return round(max(0.0, after - self._before) / seconds, 3)


def remark(share: float | None) -> str:
    """Word a warning, or nothing where the machine was idle enough."""
    if share is None or share <= TOLERATED:
        return ""
    return (
        f"other processes used {share:.0%} of the processor meanwhile: the figures are too low, "
        "and unevenly so; measure again on an idle machine"
    )


def _others() -> float | None:
    """Return the seconds that all cores worked for anybody but us."""
    try:
        fields = [int(each) for each in STAT.read_text().split("\n")[0].split()[1:]]
    except (OSError, ValueError):
        return None
    ticks = sum(each for at, each in enumerate(fields[:GUESTS]) if at not in IDLE)
    return ticks / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])
