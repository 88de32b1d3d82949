"""Limits: how often a bot may speak, and the penalty of one that does not listen."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from madang.testing.telegram.chats import Chat

SENDS = {
    *("sendmessage", "senddocument", "sendphoto", "sendrichmessage"),
    *("copymessage", "forwardmessage"),
}
EDITS = {"editmessagetext", "editmessagecaption", "editmessagereplymarkup"}
DRAFTS = {"sendmessagedraft", "sendrichmessagedraft"}
GROWTH = 2.0
LONGEST = 3600


@dataclass(frozen=True)
class Limits:
    """Say how much is allowed: messages and edits together, and drafts by themselves."""

    chat_per_second: float = 1.0
    chat_burst: int = 3
    group_per_minute: int = 20
    overall_per_second: int = 30
    drafts_per_second: float = 3.0


@dataclass
class _Bucket:
    level: float
    at: float

    def take(self, now: float, rate: float, size: float) -> float:
        """Take one; return 0, or the seconds until there is one."""
        self.level = min(size, self.level + (now - self.at) * rate)
        self.at = now
        if self.level >= 1.0:
            self.level -= 1.0
            return 0.0
        return (1.0 - self.level) / rate


@dataclass
class _Penalty:
    seconds: int
    until: float


@dataclass
class Budget:
    """Count what a bot does; None as limits leaves only penalties that were given."""

    limits: Limits | None
    ignored: int = 0
    _buckets: dict[tuple[str, int], _Bucket] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=dict)
    _overall: deque[float] = field(default_factory=deque)
    _penalties: dict[tuple[str, int], _Penalty] = field(default_factory=dict)

    def punish(self, method: str, chat: Chat, seconds: int, now: float) -> int:
        """Forbid a method in a chat for some seconds."""
        self._penalties[method, chat.id] = _Penalty(seconds, now + seconds)
        return seconds

    def forgive(self) -> None:
        """Let everything be done again at once."""
        self._penalties.clear()

    def take(self, method: str, chat: Chat, now: float) -> int:
        """Count a call; return 0, or the seconds to wait, more each time a penalty is ignored."""
        penalty = self._penalties.get((method, chat.id))
        if penalty and now < penalty.until:
            self.ignored += 1
            longer = math.ceil(penalty.seconds * GROWTH)
            return self.punish(method, chat, min(LONGEST, longer), now)
        self._penalties.pop((method, chat.id), None)
        wait = self._wait(self.limits, method, chat, now) if self.limits else 0.0
        return self.punish(method, chat, max(1, math.ceil(wait)), now) if wait > 0 else 0

    def _wait(self, limits: Limits, method: str, chat: Chat, now: float) -> float:
        if method in DRAFTS:
            return self._take("draft", chat, now, limits.drafts_per_second, limits.chat_burst)
        if method not in SENDS | EDITS:
            return 0.0
        waits = [_window(self._overall, now, 1.0, limits.overall_per_second)]
        if chat.is_group:
            spoken = self._groups.setdefault(chat.id, deque())
            waits.append(_window(spoken, now, 60.0, limits.group_per_minute))
        if not any(waits):
            rate, burst = limits.chat_per_second, limits.chat_burst
            waits.append(self._take("message", chat, now, rate, burst))
        if not any(waits):
            self._note(chat, now)
        return max(waits)

    def _take(self, kind: str, chat: Chat, now: float, rate: float, burst: int) -> float:
        bucket = self._buckets.setdefault((kind, chat.id), _Bucket(float(burst), now))
        return bucket.take(now, rate, burst)

    def _note(self, chat: Chat, now: float) -> None:
        places: Iterable[deque[float]] = (self._overall, self._groups.setdefault(chat.id, deque()))
        for place in places:
            place.append(now)


def _window(times: deque[float], now: float, seconds: float, most: int) -> float:
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= most else 0.0
