"""Whom the bot serves, and how much of one person it takes."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from msgspec import UNSET

from madang.conversation import Options
from madang_telegram.options import TelegramOptions
from madang_telegram.places import Spot
from madang_telegram.recent import Recent

WINDOW = 60.0
MOST = 10_000

Count = Literal["taken", "first", "more"]
"""Whether a message is taken, the first one too many, or one more."""


@dataclass(kw_only=True)
class Access:
    """Keep out who may not talk with the bot, and slow down who writes too much.

    A group that an owner approved has said whether it is switched on; no other has. `former` maps
    supergroups to the groups that they were.
    """

    options: TelegramOptions
    chosen: Options
    former: dict[int, int] = field(default_factory=dict)
    _recent: Recent[str, deque[float]] = field(default_factory=lambda: Recent(MOST))
    _told: Recent[int, None] = field(default_factory=lambda: Recent(MOST))

    def admits(self, user: int, chat: int) -> bool:
        """Say whether somebody may talk with the bot in a chat."""
        mine = self.options
        if user in mine.owners or self._allowed(chat):
            return True
        if chat < 0 and mine.approve_groups:
            return self.approved(chat)
        return user in mine.allow_users or not (mine.allow_users or mine.allow_chats)

    def open_to_none(self, chat: int) -> bool:
        """Say whether nobody may talk with the bot in a group, but for owners."""
        mine = self.options
        kept = bool(mine.allow_chats) and not self._allowed(chat)
        return kept and not (mine.allow_users or mine.approve_groups)

    def approved(self, chat: int) -> bool:
        """Say whether an owner has approved a group."""
        return self.chosen.said(Spot(chat).place).enabled is not UNSET

    def first_time(self, user: int) -> bool:
        """Say whether somebody who is kept out was not told yet."""
        return self._told.keep(user, None)

    def count(self, person: str) -> Count:
        """Count a message of somebody, who may send so many in a minute."""
        now = asyncio.get_running_loop().time()
        recent = self._recent.get(person) or deque()
        self._recent.keep(person, recent)
        while recent and recent[0] < now - WINDOW:
            recent.popleft()
        if len(recent) > self.options.per_minute:
            return "more"
        # One too many is kept: whoever goes on is told once a minute.
        recent.append(now)
        return "first" if len(recent) > self.options.per_minute else "taken"

    def _allowed(self, chat: int) -> bool:
        """Say whether everybody is served in a chat, also under the id that it had before."""
        allowed = self.options.allow_chats
        return chat in allowed or self.former.get(chat, chat) in allowed
