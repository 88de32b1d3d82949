"""One lane for each channel: its calls one after another, what is final first."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from madang.delivery import Budget, Lane

PREVIEW_SECONDS = 1.0
"""The least time between two previews in one channel; Discord's headers make it longer."""
MOST_RESERVED = 2
"""Of five edits in five seconds three are previews then, a second apart: whatever ends meanwhile is
shown at once, or when the window ends, at most three seconds later."""
MOST_IDLE = 256


class Lanes:
    """Keep the lanes of the channels that are written to."""

    def __init__(self) -> None:
        self._lanes: dict[int, Lane] = {}
        self._growing: Counter[int] = Counter()

    def of(self, channel: int) -> Lane:
        """Return a channel's lane."""
        lane = self._lanes.get(channel)
        if lane is None:
            self._tidy()
            lane = self._lanes[channel] = Lane(Budget(spacing=PREVIEW_SECONDS))
        return lane

    @contextlib.contextmanager
    def growing(self, channel: int) -> Iterator[Lane]:
        """Lend a lane to one answer; several that grow there leave each other calls for ends."""
        lane = self.of(channel)
        self._growing[channel] += 1
        try:
            lane.budget.reserved = self._reserved(channel)
            yield lane
        finally:
            self._growing[channel] -= 1
            lane.budget.reserved = self._reserved(channel)
            self._growing += Counter()

    async def close(self) -> None:
        """Make no further call."""
        for lane in self._lanes.values():
            await lane.close()

    def _reserved(self, channel: int) -> int:
        return max(1, min(self._growing[channel], MOST_RESERVED))

    def _tidy(self) -> None:
        """Forget lanes that nobody uses; what they learnt has long expired."""
        if len(self._lanes) < MOST_IDLE:
            return
        idle = [key for key, lane in self._lanes.items() if lane.idle and not self._growing[key]]
        for key in idle:
            del self._lanes[key]
