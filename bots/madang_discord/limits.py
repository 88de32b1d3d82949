"""How much one person and one server may ask in a minute and at once; each is told so once."""

import math
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from madang.contract import Author, Found, Place
from madang.texts import Texts
from madang_discord.asking import words_for
from madang_discord.features import Feature
from madang_discord.interactions import tell
from madang_discord.places import server_of, spot_of, user_of
from madang_discord.recent import Recent
from madang_discord.where import author_asking, place_of
from madang_discord.wording import small

if TYPE_CHECKING:
    from madang.conversation import Reply
    from madang_discord.asking import Asked
    from madang_discord.reading import Heard
    from madang_discord.talk import Talk

MINUTE = 60.0
BEGIN_SECONDS = 10.0
"""Within so long a question has an answer that begins, waits for another one, or is refused."""
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
        self._rates: Recent[str, Rate] = Recent(MOST_KNOWN)
        self._open: WeakKeyDictionary[Reply, str] = WeakKeyDictionary()
        self._asked: dict[tuple[str, str], float] = {}
        self._told: Recent[tuple[str, str], None] = Recent(MOST_KNOWN)

    async def begins(self, reply: "Reply") -> None:
        """Note an answer that is on its way, and for whom."""
        question = await self.talk.conversations.controls.question(reply.turn)
        self._open[reply] = question.author.id if question else ""
        for place, author in list(self._asked):
            if place == reply.place.key:
                del self._asked[place, author]

    async def takes(self, heard: "Heard") -> bool:
        """Take a message that is one too many, and say so the first time."""
        return await self.turns_down(heard.place, heard.author, heard.message.id)

    async def turns_down(
        self, place: Place, author: Author, message: int, *, anew: bool = False
    ) -> bool:
        """Count what a message asks; True where it is one too many, which is said the first time.

        It is said as the place wants problems told.
        """
        excess = await self.reached(place, author, anew=anew)
        if excess is None:
            return False
        told = (server_of(place), author.id)
        if told not in self._told:
            self._told[told] = None
            await self._say(place, author, excess, message)
        return True

    async def turns_down_anew(self, found: Found, author: Author, text: str, message: int) -> bool:
        """Count a question that was edited, where that has it answered anew; True as above."""
        if text == found.turn.raw or not found.turn.asks:
            return False
        history = await self.talk.conversations.history(found.conversation.place)
        answered = history[:-1] if history and history[-1].role == "persona" else history
        last = takewhile(lambda turn: turn.role == "user", reversed(answered))
        again = any(turn.id == found.turn.id for turn in last)
        return again and await self.turns_down(found.conversation.place, author, message, anew=True)

    async def turns_away(self, asked: "Asked", place: Place | None = None) -> bool:
        """Count what a command or a button asks; True where it is too much, said privately.

        Nothing is waited for before it is said.
        """
        place, author = place or place_of(asked), author_asking(asked)
        excess = await self.reached(place, author)
        if excess is not None:
            await tell(asked, small(self.words(words_for(asked), excess)))
        return excess is not None

    def busy(self, place: Place) -> bool:
        """Say whether an answer is on its way at exactly this place."""
        return any(not each.latest.final and each.place == place for each in self._open)

    async def reached(self, place: Place, author: Author, *, anew: bool = False) -> Excess | None:
        """Return the limit that keeps somebody from asking now; None counts it as asked.

        Direct messages have the limits of a person alone. What is asked `anew` takes the place of
        an answer that may be on its way there.
        """
        options, now = self.talk.options, time.monotonic()
        server, shared = server_of(place), spot_of(place).guild != 0
        person = f"{server} {author.id}"
        excess = (
            self._rate("person_rate", person, options.person_per_minute, now)
            or self._rate("server_rate", server, options.server_per_minute if shared else 0, now)
            or self._at_once(place, author, now, anew=anew)
        )
        if excess is None:
            self._told.pop((server, author.id), None)
            self._asked[place.key, author.id] = now
            for key in (person, server):
                rate = self._rates[key] = self._rates.get(key) or Rate()
                rate.times.append(now)
        return excess

    def words(self, texts: Texts, excess: Excess) -> str:
        """Word politely what to wait for."""
        seconds = math.ceil(excess.seconds)
        return texts(f"limits.{excess.limit}", amount=excess.amount, seconds=seconds)

    def _rate(self, limit: str, key: str, amount: int, now: float) -> Excess | None:
        rate = self._rates.get(key)
        wait = rate.wait(now, amount) if rate else 0.0
        return Excess(limit, amount, wait) if wait > 0 else None

    def _at_once(self, place: Place, author: Author, now: float, *, anew: bool) -> Excess | None:
        here = self._askers(server_of(place), now, place if anew else None)
        options = self.talk.options
        shared = spot_of(place).guild != 0
        if shared and options.server_at_once and len(here) >= options.server_at_once:
            return Excess("server_at_once", options.server_at_once)
        if options.person_at_once and here.count(author.id) >= options.person_at_once:
            return Excess("person_at_once", options.person_at_once)
        return None

    def _askers(self, server: str, now: float, but: Place | None) -> list[str]:
        """Return who waits for an answer on a server, once for each, those at a place left out."""
        for asked in [key for key, at in self._asked.items() if now - at > BEGIN_SECONDS]:
            del self._asked[asked]
        waiting = [(Place(key), who) for key, who in self._asked]
        waiting += [(each.place, who) for each, who in self._open.items() if not each.latest.final]
        return [who for place, who in waiting if server_of(place) == server and place != but]

    async def _say(self, place: Place, author: Author, excess: Excess, message: int) -> None:
        style = self.talk.error_style(place)
        if style == "reply":
            text = small(self.words(self.talk.texts(place, author.id), excess))
            await self.talk.tell(place, text, message=message, asker=user_of(author.id))
        elif style == "reaction":
            await self.talk.react(spot_of(place).channel, message, "⏳")
