"""How often the bot writes: to each chat by itself, and to all of them together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from madang.delivery import Budget, Lane
from madang.delivery.budget import Window
from madang_telegram.penalties import Noted
from madang_telegram.places import Spot

MOST_LANES = 4096


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Say how fast things go: windows are calls and seconds, the rest is seconds.

    Telegram allows about one message a second in a chat, twenty a minute in a group and thirty a
    second altogether; edits count too. `quiet` and `split` are how long a question is waited for.
    `patience` is how long the end of the bot waits for answers to be shown.
    """

    private: tuple[Window, ...] = ((3, 3.0),)
    group: tuple[Window, ...] = ((3, 3.0), (20, 60.0))
    overall: Window = (30, 1.0)
    private_edits: float = 1.0
    group_edits: float = 3.5
    drafts: float = 0.4
    refresh: float = 20.0
    quiet: float = 0.6
    split: float = 2.0
    patience: float = 8.0
    retry: float = 0.5


@dataclass(kw_only=True)
class Lanes:
    """Keep a lane for each chat: one that is told to wait holds up nobody else.

    `note` hears of a chat that has to wait, and for how many seconds.
    """

    pace: Pace
    note: Callable[[int, float], None] = lambda chat, seconds: None
    overall: Budget = field(init=False)
    closed: bool = False
    _messages: dict[int, Lane] = field(default_factory=dict)
    _drafts: dict[int, Lane] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with a third of the calls kept for what may not be missed."""
        self.overall = Budget(self.pace.overall, reserved=self.pace.overall[0] // 3)

    def messages(self, spot: Spot) -> Lane:
        """Return the lane of a chat's messages; its topics share it."""
        pace = self.pace
        windows, spacing = (
            (pace.private, pace.private_edits) if spot.private else (pace.group, pace.group_edits)
        )
        note = partial(self.note, spot.chat)
        return _lane(self._messages, spot.chat, lambda: Noted(note, *windows, spacing=spacing))

    def drafts(self, spot: Spot) -> Lane:
        """Return the lane of a chat's drafts, which Telegram counts apart."""
        return _lane(self._drafts, spot.chat, lambda: Budget(spacing=self.pace.drafts))

    async def close(self) -> None:
        """Write nothing any more."""
        self.closed = True
        for lane in [*self._messages.values(), *self._drafts.values()]:
            await lane.close()


def _lane(lanes: dict[int, Lane], chat: int, budget: Callable[[], Budget]) -> Lane:
    if chat not in lanes:
        if len(lanes) >= MOST_LANES:
            for idle in [each for each, lane in lanes.items() if lane.idle]:
                del lanes[idle]
        lanes[chat] = Lane(budget())
    return lanes[chat]
