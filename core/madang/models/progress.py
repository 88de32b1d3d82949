"""How far a download is, and stopping it in the middle of a file."""

import threading
from collections.abc import Callable
from typing import Any

Report = Callable[[int], None]
"""Takes the bytes of the files being fetched that have arrived so far."""


class Stopped(Exception):
    """The download was asked to stop."""


class Meter:
    """Count the bytes that arrive, in bars such as huggingface_hub makes one for each thing.

    It counts bytes from the network and bytes written; the larger one is reported. Its threads
    cannot be interrupted, so `stop` makes the next count raise `Stopped` in them.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._bars: list[Any] = []
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let every thread fail at its next piece."""
        self._stopped.set()

    def bar(self, *items: object, unit: str = "it", total: int = 0, **options: object) -> "_Bar":
        """Make a bar; what only decorates one is of no use here."""
        bar = _Bar(self, total)
        if unit == "B":
            self._bars.append(bar)
        return bar

    def counted(self) -> None:
        """Report, or raise `Stopped`."""
        if self._stopped.is_set():
            raise Stopped
        self._report(max((bar.n for bar in self._bars), default=0))


class _Bar:
    """Look like a bar of tqdm to those who count."""

    def __init__(self, meter: Meter, total: int) -> None:
        self._meter = meter
        self.total = total
        self.n = 0
        self.format_dict: dict[str, object] = {}

    def update(self, n: float | None = 1) -> None:
        self.n += int(n or 0)
        self._meter.counted()

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def close(self) -> None:
        pass

    def refresh(self) -> None:
        pass

    def set_description(self, *words: object, **options: object) -> None:
        pass

    set_description_str = set_postfix_str = set_description
