"""From messages to questions: what belongs together is asked together, and edits are followed."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TypeVar

from telegram import Message

from madang.contract import Author, Place
from madang.conversation import Bursts, Said
from madang.errors import MadangError
from madang_telegram.casting import own_persona
from madang_telegram.desk import Desk
from madang_telegram.heard import Heard
from madang_telegram.hearing import Hearing
from madang_telegram.places import author_of, spot_of

Value = TypeVar("Value")

MOST = 4096


@dataclass(kw_only=True)
class Listening:
    """Take messages as they come, twice or out of order too, and ask what they ask."""

    desk: Desk
    hearing: Hearing
    bursts: Bursts[Heard] = field(init=False)
    _seen: "OrderedDict[tuple[int, int], None]" = field(default_factory=OrderedDict)
    _edits: "OrderedDict[tuple[int, int], str]" = field(default_factory=OrderedDict)
    _cut: dict[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing heard."""
        pace = self.desk.pace
        self.bursts = Bursts(take=self._take, quiet=pace.quiet, split=pace.split)

    async def message(self, message: Message) -> None:
        """Take a message; where it is not for the bot nothing happens."""
        if self._again(message):
            return
        heard = await self.hearing.hear(message) or self._rest(message)
        if heard is not None:
            self.ask(heard)

    def ask(self, heard: Heard, *, over: bool = False) -> None:
        """Ask what somebody says; with `over` nothing more is waited for."""
        key = (heard.place.key, heard.author.id)
        if heard.cut:
            self._cut[key] = _now() + self.desk.pace.split
        else:
            self._cut.pop(key, None)
        self.bursts.add(heard.place, heard.author, heard, cut=heard.cut, over=over)

    async def edited(self, message: Message) -> None:
        """Follow a change of a message: the answer to the last question is made anew."""
        author, spot = author_of(message), spot_of(message)
        if author is None:
            return
        heard = await self.hearing.hear(message, command=_is_command(message))
        known = await self.desk.conversations.messages.find(spot.place, str(message.message_id))
        text = heard.text if heard else message.text or message.caption or ""
        if known is None:
            _keep(self._edits, (message.chat_id, message.message_id), text)
            return
        heard = heard or self.hearing.heard_on(message)
        try:
            await self.desk.conversations.messages.edited(
                spot.place, author, str(message.message_id), text
            )
        except MadangError as error:
            if heard:
                await self.desk.refuse(heard, error)

    def _again(self, message: Message) -> bool:
        key = (message.chat_id, message.message_id)
        again = key in self._seen
        _keep(self._seen, key, None)
        return again

    def _rest(self, message: Message) -> Heard | None:
        """Return a message that goes on where its client has cut the one before."""
        author = author_of(message)
        key = (spot_of(message).place.key, author.id if author else "")
        return self.hearing.heard_on(message) if self._cut.get(key, 0) > _now() else None

    async def _take(self, place: Place, author: Author, parts: list[Heard]) -> None:
        """Ask what was said in one go."""
        parts = sorted(map(self._as_edited, parts), key=lambda each: each.message_id)
        whole = joined(parts)
        new = [each for each in whole if not await self._known(place, each.message_id)]
        if not new:
            return
        last = new[-1]
        try:
            await self._ask(place, author, new)
        except MadangError as error:
            await self.desk.refuse(last, error)

    async def _ask(self, place: Place, author: Author, parts: list[Heard]) -> None:
        """Ask the last of some messages; the others go before it."""
        *before, last = [each for each in parts if each.text] or parts[-1:]
        quoted = next((each.quoted for each in parts if each.quoted), None)
        addressed = next((each.persona for each in parts if each.persona), "")
        await self.desk.conversations.say(
            place,
            author,
            last.text,
            persona=addressed or await own_persona(self.desk, place, author.id),
            message_id=str(last.message_id),
            before=[*await self._quoted(place, quoted), *map(_said, before)],
        )

    async def _quoted(self, place: Place, quoted: Said | None) -> list[Said]:
        if quoted is None or await self._known(place, int(quoted.message_id)):
            return []
        return [quoted]

    async def _known(self, place: Place, message: int) -> bool:
        return await self.desk.conversations.messages.find(place, str(message)) is not None

    def _as_edited(self, heard: Heard) -> Heard:
        text = self._edits.pop((heard.spot.chat, heard.message_id), None)
        return heard if text is None else replace(heard, text=text)


def joined(parts: list[Heard]) -> list[Heard]:
    """Put together again what a client cut apart; the last message stands for the whole."""
    found: list[Heard] = []
    for each in parts:
        if found and found[-1].cut:
            before = found.pop()
            # Where it cut at a line end, that is gone.
            each = replace(each, text=f"{before.text}\n{each.text}")
        found.append(each)
    return found


def _said(heard: Heard) -> Said:
    return Said(
        author=heard.author,
        text=heard.text,
        message_id=str(heard.message_id),
        created=heard.created,
    )


def _is_command(message: Message) -> bool:
    return (message.text or "").startswith("/")


def _keep(kept: "OrderedDict[tuple[int, int], Value]", key: tuple[int, int], value: Value) -> None:
    kept[key] = value
    while len(kept) > MOST:
        kept.popitem(last=False)


def _now() -> float:
    return asyncio.get_running_loop().time()
