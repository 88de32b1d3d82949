"""A process of the bench: a command of madang that reports how large it became."""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from madang.bench.engine.memory import peak

HEAVY = ("torch", "transformers")


def main(report: Path, discord: str, command: Sequence[str]) -> int:
    """Run the command, on the stand-in at `discord` unless that is empty."""
    from madang.cli import main as madang

    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.ExitStack() as stack:
        if discord:
            from madang.testing.discord import pointed_at

            stack.enter_context(pointed_at(discord))
        status = madang(list(command))
    heavy = [name for name in HEAVY if name in sys.modules]
    report.write_text(json.dumps({"peak_bytes": peak(0), "heavy": heavy}), "utf-8")
    return status


def _end_with_parent() -> None:
    """Stay no longer than the parent, whatever it died of."""
    # Not sys.stdin, whose lock a daemon thread would hold when the interpreter ends.
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
