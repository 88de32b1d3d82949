"""How much one person and one server may ask in a minute and at once; each is told so once."""

import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from madang.contract import Author, Place
from madang_discord.features import Feature
from madang_discord.places import DIRECT, spot_of, user_of
from madang_discord.wording import small

if TYPE_CHECKING:
    from madang.conversation import Reply
    from madang_discord.reading import Heard
    from madang_discord.talk import Talk

MINUTE = 60.0
MOST_KNOWN = 4096


@dataclass
class Rate:
    """Count what was asked in the last minute."""

    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float, amount: int) -> float:
        """Return the seconds until one more may be asked; 0 lets it be asked at once."""
        while self.times and now - self.times[0] >= MINUTE:
            self.times.popleft()
        full = amount and len(self.times) >= amount
        return self.times[0] + MINUTE - now if full else 0.0


@dataclass(frozen=True)
class Excess:
    """Say which limit is reached, its amount, and for how many seconds."""

    limit: str
    amount: int
    seconds: float = 0.0


class Limits(Feature):
    """Keep one person, or one server, from taking the model away from all others."""

    def __init__(self, talk: "Talk") -> None:
        super().__init__(talk)
        self._rates: dict[str, Rate] = {}
        self._open: WeakKeyDictionary[Reply, str] = WeakKeyDictionary()
        self._told: set[tuple[str, str]] = set()

    async def begins(self, reply: "Reply") -> None:
        """Note an answer that is on its way, and for whom."""
        question = await self.talk.yard.store.turn(reply.turn.parent or "")
        self._open[reply] = question.author.id if question else ""

    async def takes(self, heard: "Heard") -> bool:
        """Take a message that is one too many, and say so the first time."""
        message = heard.message
        excess = await self.reached(heard.place, heard.author)
        if excess is None:
            return False
        told = (_server(heard.place), heard.author.id)
        if told not in self._told:
            self._told.add(told)
            await self._say(heard.place, heard.author, excess, message.id)
        return True

    async def reached(self, place: Place, author: Author) -> Excess | None:
        """Return the limit that keeps somebody from asking now; None counts it as asked."""
        options, now = self.talk.options, time.monotonic()
        server = _server(place)
        person = f"{server} {author.id}"
        excess = (
            self._rate("person_rate", person, options.person_per_minute, now)
            or self._rate("server_rate", server, options.server_per_minute, now)
            or self._at_once(place, author)
        )
        if excess is None:
            self._told.discard((server, author.id))
            for key in (person, server):
                self._rates.setdefault(key, Rate()).times.append(now)
        return excess

    def words(self, place: Place, author: Author, excess: Excess) -> str:
        """Word politely what to wait for."""
        texts = self.talk.texts(place, author.id)
        seconds = math.ceil(excess.seconds)
        return texts(f"limits.{excess.limit}", amount=excess.amount, seconds=seconds)

    def _rate(self, limit: str, key: str, amount: int, now: float) -> Excess | None:
        self._tidy(now)
        rate = self._rates.get(key)
        wait = rate.wait(now, amount) if rate else 0.0
        return Excess(limit, amount, wait) if wait > 0 else None

    def _at_once(self, place: Place, author: Author) -> Excess | None:
        options, server = self.talk.options, _server(place)
        running = [each for each in self._open.items() if not each[0].latest.final]
        here = [asker for reply, asker in running if _server(reply.place) == server]
        if options.server_at_once and len(here) >= options.server_at_once:
            return Excess("server_at_once", options.server_at_once)
        if options.person_at_once and here.count(author.id) >= options.person_at_once:
            return Excess("person_at_once", options.person_at_once)
        return None

    async def _say(self, place: Place, author: Author, excess: Excess, message: int) -> None:
        style = self.talk.error_style(place)
        if style == "reply":
            text, asker = small(self.words(place, author, excess)), user_of(author.id)
            await self.talk.tell(place, text, message=message, asker=asker)
        elif style == "reaction":
            await self.talk.react(spot_of(place).channel, message, "⏳")

    def _tidy(self, now: float) -> None:
        """Forget those who asked nothing lately."""
        if len(self._rates) < MOST_KNOWN:
            return
        quiet = [k for k, r in self._rates.items() if not r.times or now - r.times[-1] > MINUTE]
        for key in quiet:
            del self._rates[key]


def _server(place: Place) -> str:
    """Return the key of a server, or of a person's direct messages."""
    guild = place.key.split("/")[1]
    return place.key if guild == DIRECT else guild
