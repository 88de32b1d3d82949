"""The candidates of a bench: all loaded at once, or one after another where memory is short."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from madang.bench.engine.child import Handle, Open
from madang.bench.engine.messages import Job, Order, Reply

Progress = Callable[[str], None]


class Crew(AbstractContextManager["Crew"]):
    """Give orders to candidates by name; each is warmed up once it is loaded."""

    def __init__(
        self, job: Job, warm_up: Order, open_: Open, progress: Progress, *, together: bool
    ) -> None:
        self._job = job
        self._warm_up = warm_up
        self._open = open_
        self._progress = progress
        self._together = together
        self._loaded: dict[str, Handle] = {}

    def ask(self, name: str, order: Order) -> Reply:
        """Have a candidate do an order, loading it first where it is not."""
        if name not in self._loaded:
            if not self._together:
                self._dismiss()
            self._progress(f"{name}: loading and warming up")
            self._loaded[name] = self._open(name, self._job)
            self._loaded[name].ask(self._warm_up)
        return self._loaded[name].ask(order)

    def __exit__(self, *error: object) -> None:
        self._dismiss()

    def _dismiss(self) -> None:
        while self._loaded:
            self._loaded.popitem()[1].close()
