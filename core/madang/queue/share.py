"""How many of a worker's slots bulk work may take."""

from collections.abc import Callable, Collection

from madang.contract import Request

RECENT_SECONDS = 60.0


class Share:
    """Keep bulk work to half of a worker's slots, and to one at least, while people chat.

    People chat with a model as long as something interactive was queued for it within the last
    minute. Otherwise bulk work may have all slots.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._chatted: dict[str, float] = {}

    def note(self, request: Request) -> None:
        """Take notice of a request that is queued."""
        if request.request_class == "interactive":
            self._chatted[request.model] = self._clock()

    def has_room(self, models: Collection[str], bulk: int, slots: int) -> bool:
        """Say whether one more may run, where `bulk` of so many slots run bulk work already."""
        return bulk < max(1, slots // 2) or self.opens_in(models) is None

    def opens_in(self, models: Collection[str]) -> float | None:
        """Return the seconds until bulk work may have all slots; None when it may already."""
        chatted = [self._chatted[model] for model in models if model in self._chatted]
        left = max(chatted, default=float("-inf")) + RECENT_SECONDS - self._clock()
        return left if left > 0 else None
