"""How long starting takes, against Python itself and pip, in one interleaved run."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

PEERS: Mapping[str, Sequence[str]] = {
    "python": ("-c", "pass"),
    "pip_help": ("-m", "pip", "--help"),
}
OURS: Mapping[str, Sequence[str]] = {
    "madang_help": ("-m", "madang.cli", "--help"),
    "madang_personas": ("-m", "madang.cli", "personas"),
    "import_terminal_bot": ("-c", "import madang_terminal"),
    "import_conversations": ("-c", "import madang.conversation"),
}


def bench_startup(
    rounds: int = 7, progress: Callable[[str], None] = lambda line: None
) -> dict[str, object]:
    """Time every command `rounds` times in turn; medians in seconds, and ratios to the peers."""
    commands = {**PEERS, **OURS}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        progress(f"round {number} of {rounds}" if number else "warm-up")
        for name, arguments in commands.items():
            seconds = _time(arguments)
            if number:
                times[name].append(seconds)
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "seconds": {name: round(value, 4) for name, value in medians.items()},
        "ratios": {
            f"{name}_to_{peer}": round(medians[name] / medians[peer], 2)
            for name in OURS
            for peer in PEERS
        },
    }


def _time(arguments: Sequence[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - begin
