"""What people say around the bot in groups, kept in mind until somebody asks."""

import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field, replace

from telegram import Message

from madang.conversation import Said
from madang_telegram.desk import Desk
from madang_telegram.places import Spot, author_of, spot_of

MOST = 30
LONGEST = 3600.0
MOST_SPOTS = 1024


@dataclass(kw_only=True)
class Chatter:
    """Remember what was just said in a chat or topic without addressing the bot.

    The last messages of an hour go with the next question there; without one they are forgotten,
    and nothing of them is ever written down.
    """

    desk: Desk
    _said: "OrderedDict[Spot, deque[Said]]" = field(default_factory=OrderedDict)

    def hear(self, message: Message) -> None:
        """Keep a message in mind, where the operator wants that."""
        author, spot = author_of(message), spot_of(message)
        text = message.text or message.caption or ""
        if author is None or not text or not self._listens(spot):
            return
        said = Said(
            author=author,
            text=text,
            message_id=str(message.message_id),
            created=message.date.timestamp(),
        )
        self._said.setdefault(spot, deque(maxlen=MOST)).append(said)
        self._said.move_to_end(spot)
        self._clear_up()

    def take(self, spot: Spot) -> list[Said]:
        """Hand over what was just said, the oldest first, and keep nothing of it."""
        return [each for each in self._said.pop(spot, ()) if _is_new(each)]

    def reword(self, message: Message) -> None:
        """Follow a change of a message that is kept in mind."""
        said = self._said.get(spot_of(message), deque())
        text, identity = message.text or message.caption or "", str(message.message_id)
        for at, each in enumerate(said):
            if each.message_id == identity:
                said[at] = replace(each, text=text)

    def forget(self, person: str) -> None:
        """Keep nothing in mind of what somebody said."""
        for said in self._said.values():
            for each in [each for each in said if each.author.id == person]:
                said.remove(each)

    def _clear_up(self) -> None:
        """Forget where nobody has said anything for long."""
        while self._said:
            said = next(iter(self._said.values()))
            if len(self._said) <= MOST_SPOTS and said and _is_new(said[-1]):
                return
            self._said.popitem(last=False)

    def _listens(self, spot: Spot) -> bool:
        here = self.desk.conversations.options.place(spot.place)
        return self.desk.options.group_history and not spot.private and here.enabled


def _is_new(said: Said) -> bool:
    return said.created >= time.time() - LONGEST
