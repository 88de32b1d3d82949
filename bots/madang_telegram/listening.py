"""From messages to questions: what belongs together is asked together, and edits are followed."""

import asyncio
from dataclasses import dataclass, field, replace

from telegram import Message

from madang.contract import Author, Place
from madang.conversation import Bursts, Said
from madang.errors import MadangError
from madang_telegram.casting import own_persona
from madang_telegram.chatter import Chatter
from madang_telegram.desk import Desk
from madang_telegram.heard import Heard
from madang_telegram.hearing import Hearing, is_cut
from madang_telegram.inbox import Inbox
from madang_telegram.places import Spot, author_of, spot_of
from madang_telegram.recent import Recent


@dataclass(kw_only=True)
class Listening:
    """Take messages as they come, twice or out of order too, and ask what they ask."""

    desk: Desk
    hearing: Hearing
    inbox: Inbox
    bursts: Bursts[Heard] = field(init=False)
    chatter: Chatter = field(init=False)
    _seen: Recent[None] = field(default_factory=Recent)
    _edits: Recent[str] = field(default_factory=Recent)
    _cut: dict[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing heard."""
        pace = self.desk.pace
        self.bursts = Bursts(take=self._take, quiet=pace.quiet, split=pace.split)
        self.chatter = Chatter(desk=self.desk)

    async def message(self, message: Message) -> None:
        """Take a message; one that is not for the bot is kept in mind at most."""
        if not self._seen.keep((message.chat_id, message.message_id), None):
            return
        if message.media_group_id:
            self._seen.keep((message.chat_id, message.media_group_id), None)
        heard = await self.hearing.understand(message) or self._rest(message)
        if heard is None:
            self.chatter.hear(message)
        elif not await self.hearing.too_many(message, heard.author):
            self.ask(heard)

    async def forget(self, person: str) -> None:
        """Keep nothing in mind of what somebody said, nor ask what they were about to."""
        gone: list[Heard] = []

        def change(part: Heard) -> Heard | None:
            if part.author.id != person:
                return part
            gone.append(part)
            return None

        self.chatter.forget(person)
        self.bursts.change(change)
        for each in gone:
            await self.inbox.release(each)

    def concerns(self, message: Message) -> bool:
        """Say, before anything is looked up, whether a message may be for the bot."""
        author = author_of(message)
        if not (self.hearing.may_hear(message) or self._goes_on(message)):
            return False
        if author is not None and is_cut(message):
            # What follows may come before this is worked on.
            self._follow(spot_of(message).place, author, cut=True)
        return True

    def is_rest_of_album(self, message: Message) -> bool:
        """Say whether something of the album that a message belongs to was seen before."""
        album = message.media_group_id
        return bool(album) and not self._seen.keep((message.chat_id, str(album)), None)

    def ask(self, heard: Heard, *, over: bool = False) -> None:
        """Ask what somebody says; with `over` nothing more is waited for."""
        self._follow(heard.place, heard.author, cut=heard.cut)
        self.inbox.hold(heard)
        self.bursts.add(heard.place, heard.author, heard, cut=heard.cut, over=over)

    async def edited(self, message: Message) -> None:
        """Follow a change of a message: the answer to the last question is made anew."""
        author, spot = author_of(message), spot_of(message)
        if author is None:
            return
        heard = await self.hearing.understand(message, command=_is_command(message))
        text = heard.text if heard else message.text or message.caption or ""
        key = (message.chat_id, message.message_id)
        self._edits.keep(key, text)
        if not await self._known(spot.place, message.message_id):
            self.chatter.reword(message)
            return
        # Where it is gone, it was followed when the message was asked, a moment ago.
        if self._edits.pop(key) is None:
            return
        if not await self.hearing.too_many(message, author):
            await self._reword(heard or self.hearing.heard_on(message), text)

    async def _reword(self, heard: Heard | None, text: str) -> None:
        if heard is None:
            return
        try:
            await self.desk.conversations.messages.edited(
                heard.place, heard.author, str(heard.message_id), text
            )
        except MadangError as error:
            await self.desk.refuse(heard, error)

    def _rest(self, message: Message) -> Heard | None:
        """Return a message that goes on where its client has cut the one before."""
        return self.hearing.heard_on(message) if self._goes_on(message) else None

    def _goes_on(self, message: Message) -> bool:
        author = author_of(message)
        key = (spot_of(message).place.key, author.id if author else "")
        return self._cut.get(key, 0) > _now()

    def _follow(self, place: Place, author: Author, *, cut: bool) -> None:
        """Note whether somebody's message may have been cut off."""
        key = (place.key, author.id)
        if cut:
            self._cut[key] = _now() + self.desk.pace.split
        else:
            self._cut.pop(key, None)

    async def _take(self, place: Place, author: Author, parts: list[Heard]) -> None:
        """Ask what was said in one go."""
        parts = sorted(map(self._as_edited, parts), key=lambda each: each.message_id)
        whole = joined(parts)
        new = [each for each in whole if not await self._known(place, each.message_id)]
        if new:
            try:
                await self._ask(place, author, new)
            except MadangError as error:
                await self.desk.refuse(new[-1], error)
        for each in parts:
            again = self._as_edited(each)
            if again is not each:
                # It was edited while it was asked.
                await self._reword(again, again.text)
            await self.inbox.release(each)

    async def _ask(self, place: Place, author: Author, parts: list[Heard]) -> None:
        """Ask the last of some messages; the others go before it."""
        *before, last = [each for each in parts if each.text] or parts[-1:]
        quoted = next((each.quoted for each in parts if each.quoted), None)
        addressed = next((each.persona for each in parts if each.persona), "")
        if around := self.chatter.take(Spot.of(place)):
            await self.desk.conversations.record(place, around)
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
        text = self._edits.pop((heard.spot.chat, heard.message_id))
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
    return (message.text or message.caption or "").startswith("/")


def _now() -> float:
    return asyncio.get_running_loop().time()
