"""All admitted requests: those that are active, and the last that ended."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence

from madang.contract import Request
from madang.queue.entry import Entry

ENDED_KEPT = 1000


class Entries:
    """Find entries by request; of ended ones the last 1,000 are kept for late readers."""

    def __init__(self) -> None:
        self._active: dict[str, Entry] = {}
        self._ended: OrderedDict[str, Entry] = OrderedDict()
        self._conversations: set[str] = set()

    def __iter__(self) -> Iterator[Entry]:
        """Walk through the active ones."""
        return iter(self._active.values())

    def add(self, entry: Entry) -> None:
        """Keep an entry, instead of an ended one of the same id."""
        self._ended.pop(entry.request.id, None)
        self._active[entry.request.id] = entry
        self._conversations.add(entry.request.conversation)

    def end(self, entry: Entry) -> None:
        """Move an entry to the ended ones, of which the oldest goes."""
        del self._active[entry.request.id]
        self._conversations.discard(entry.request.conversation)
        self._ended[entry.request.id] = entry
        if len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)

    def get(self, request: str) -> Entry | None:
        """Find an entry, active or ended."""
        return self._active.get(request) or self._ended.get(request)

    def active(self, request: str) -> Entry | None:
        """Find an entry that has not ended."""
        return self._active.get(request)

    def running(self, request: str, attempt: int) -> Entry | None:
        """Find an entry of which this delivery is the current one."""
        entry = self._active.get(request)
        return entry if entry is not None and entry.runs_as(attempt) else None

    def running_at(self, worker: str, models: Collection[str]) -> Sequence[Entry]:
        """List what a worker runs for some models."""
        return [each for each in self if each.worker == worker and each.request.model in models]

    def cancelled_at(self, worker: str) -> Sequence[Entry]:
        """List what a worker runs, people cancelled and it was not told yet."""
        return [each for each in self if each.worker == worker and each.cancelled and not each.told]

    def loading(self, model: str, *, besides: Entry) -> bool:
        """Say whether another request is told that the model loads."""
        others = (each for each in self if each is not besides and each.request.model == model)
        return any(each.loading for each in others)

    def busy(self, request: Request) -> bool:
        """Say whether the request's id or its conversation is active."""
        return request.id in self._active or request.conversation in self._conversations
