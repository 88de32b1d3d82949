"""Whom the bot serves, and how much of one person it takes."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from msgspec import UNSET

from madang.conversation import Options
from madang_telegram.options import TelegramOptions
from madang_telegram.places import Spot

WINDOW = 60.0
MOST = 10_000


@dataclass(kw_only=True)
class Access:
    """Keep out who may not talk with the bot, and slow down who writes too much.

    A group that an owner approved has said whether it is switched on; no other has.
    """

    options: TelegramOptions
    chosen: Options
    _recent: dict[str, deque[float]] = field(default_factory=dict)
    _told: set[int] = field(default_factory=set)

    def admits(self, user: int, chat: int) -> bool:
        """Say whether somebody may talk with the bot in a chat."""
        mine = self.options
        if user in mine.owners or chat in mine.allow_chats:
            return True
        if chat < 0 and mine.approve_groups:
            return self.approved(chat)
        return user in mine.allow_users or not (mine.allow_users or mine.allow_chats)

    def open_to_none(self, chat: int) -> bool:
        """Say whether nobody may talk with the bot in a group, but for owners."""
        mine = self.options
        kept = bool(mine.allow_chats) and chat not in mine.allow_chats
        return kept and not (mine.allow_users or mine.approve_groups)

    def approved(self, chat: int) -> bool:
        """Say whether an owner has approved a group."""
        return self.chosen.said(Spot(chat).place).enabled is not UNSET

    def first_time(self, user: int) -> bool:
        """Say whether somebody who is kept out was not told yet."""
        new = user not in self._told
        if len(self._told) < MOST:
            self._told.add(user)
        return new

    def excess(self, person: str) -> int:
        """Count a message of somebody; return how many too many that makes in a minute."""
        now = asyncio.get_running_loop().time()
        if len(self._recent) > MOST:
            self._recent.clear()
        recent = self._recent.setdefault(person, deque())
        while recent and recent[0] < now - WINDOW:
            recent.popleft()
        most = self.options.per_minute
        if len(recent) <= most:
            # One too many is kept: whoever goes on is told once a minute.
            recent.append(now)
            return max(0, len(recent) - most)
        return 2
