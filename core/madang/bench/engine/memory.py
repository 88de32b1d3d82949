"""How much memory this process takes, and how much it took at most."""

import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def resident() -> int | None:
    """Return the bytes of this process in memory; None where the system does not say."""
    return _status("VmRSS")


def peak(before: int | None) -> int | None:
    """Return the most bytes held since there were `before`; on a GPU what torch reserved there."""
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_available():
        return int(torch.cuda.max_memory_reserved())
    highest = _status("VmHWM")
    return None if highest is None or before is None else max(0, highest - before)


def _status(key: str) -> int | None:
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(key)), None)
