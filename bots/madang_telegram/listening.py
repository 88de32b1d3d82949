"""From messages to questions: what belongs together is asked together, and edits are followed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from telegram import Message

from madang.contract import Author, Place
from madang.conversation import Bursts, Said
from madang.errors import MadangError
from madang_telegram.casting import whom
from madang_telegram.chatter import Chatter
from madang_telegram.desk import Desk
from madang_telegram.heard import Heard
from madang_telegram.hearing import Hearing, is_cut
from madang_telegram.inbox import Inbox
from madang_telegram.pieces import Pieces, joined, together
from madang_telegram.places import Spot, author_of, command_in, spot_of
from madang_telegram.recent import MessageKey, Recent

TWICE = 3.0
"""Who presses a button again within so many seconds has meant it once."""


async def _asked(parts: Sequence[Heard]) -> bool:
    """Leave everything to be asked."""
    return False


@dataclass(kw_only=True)
class Listening:
    """Take messages as they come, out of order too, and ask what they ask.

    `worked_on` takes what was said in one go where that is a text to work on, and says so.
    """

    desk: Desk
    hearing: Hearing
    inbox: Inbox
    worked_on: Callable[[Sequence[Heard]], Awaitable[bool]] = _asked
    bursts: Bursts[Heard] = field(init=False)
    chatter: Chatter = field(init=False)
    pieces: Pieces = field(init=False)
    _albums: Recent[str, None] = field(default_factory=Recent)
    _pressed: Recent[str, float] = field(default_factory=Recent)
    _edits: Recent[MessageKey, Heard] = field(default_factory=Recent)
    _rests: Recent[MessageKey, None] = field(default_factory=Recent)
    _cut: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing heard."""
        pace = self.desk.pace
        self.bursts = Bursts(take=self._take, quiet=pace.quiet, split=pace.split)
        self.chatter = Chatter(desk=self.desk)
        self.pieces = Pieces(messages=self.desk.conversations.messages)

    async def message(self, message: Message) -> None:
        """Take a message; one that is not for the bot is kept in mind at most."""
        if message.media_group_id:
            self._albums.keep(message.media_group_id, None)
        heard = self._rest(message) or await self.hearing.understand(message)
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
        # What follows may come before what was cut is worked on.
        if message.text and self.goes_on(message):
            self._rests.keep((message.chat_id, message.message_id), None)
        elif not self.hearing.may_hear(message):
            return False
        if author is not None and is_cut(message) and not message.edit_date:
            self._follow(spot_of(message).place, author, message.message_id, cut=True)
        return True

    def is_rest_of_album(self, message: Message) -> bool:
        """Say whether something of the album that a message belongs to was seen before."""
        album = message.media_group_id
        return album is not None and not self._albums.keep(album, None)

    def again(self, spot: Spot, button: str) -> bool:
        """Say whether a button was pressed twice in a moment."""
        key, now = f"{spot.place.key} {button}", _now()
        before = self._pressed.get(key)
        self._pressed.keep(key, now)
        return before is not None and now - before < TWICE

    def goes_on(self, message: Message) -> bool:
        """Say whether a message goes on where its author's client has cut the one before."""
        author = author_of(message)
        key = (spot_of(message).place.key, author.id if author else "")
        before, until = self._cut.get(key, (0, 0.0))
        return (message.chat_id, message.message_id) in self._rests or (
            before < message.message_id and until > _now()
        )

    def ask(self, heard: Heard, *, over: bool = False) -> None:
        """Ask what somebody says; with `over` nothing more is waited for."""
        self._follow(heard.place, heard.author, heard.message_id, cut=heard.cut)
        self.inbox.hold(heard)
        self.bursts.add(heard.place, heard.author, heard, cut=heard.cut, over=over)

    async def edited(self, message: Message) -> None:
        """Follow a change of a message: the answer to the last question is made anew."""
        key = (message.chat_id, message.message_id)
        asking = command_in(message)[0] == "chat"
        heard = self.hearing.heard_on(message)
        if key not in self.pieces:
            heard = await self.hearing.understand(message, command=asking) or heard
        if heard is None:
            return
        self._edits.keep(key, heard)
        if not await self._known(heard.place, message.message_id):
            self.chatter.reword(message)
            return
        # Where it is gone, it was followed when the message was asked, a moment ago.
        if self._edits.pop(key) is None:
            return
        if not await self.hearing.too_many(message, heard.author):
            await self._reword(heard)

    async def _reword(self, heard: Heard) -> None:
        """Change what was said; of a text that a client has cut apart, a piece."""
        whole, number = await self.pieces.whole(heard), str(heard.message_id)
        if whole is None:
            return
        persona = heard.persona and await whom(
            self.desk, heard.place, heard.author.id, heard.persona
        )
        try:
            await self.desk.conversations.messages.edited(
                heard.place, heard.author, number, whole.text, persona=persona
            )
        except MadangError as error:
            await self.desk.refuse(heard, error)

    def _rest(self, message: Message) -> Heard | None:
        """Return a message that goes on where its client has cut the one before."""
        return self.hearing.heard_on(message) if message.text and self.goes_on(message) else None

    def _follow(self, place: Place, author: Author, message: int, *, cut: bool) -> None:
        """Note whether somebody's message may have been cut off."""
        key = (place.key, author.id)
        if cut:
            self._cut[key] = (message, _now() + self.desk.pace.split)
        else:
            self._cut.pop(key, None)

    async def _take(self, place: Place, author: Author, parts: list[Heard]) -> None:
        """Ask what was said in one go."""
        parts = sorted(map(self._as_edited, parts), key=lambda each: each.message_id)
        texts = together(parts)
        new = [each for each in map(joined, texts) if not await self._known(place, each.message_id)]
        if new:
            try:
                if not await self.worked_on(new):
                    await self._ask(place, author, new)
            except MadangError as error:
                await self.desk.refuse(new[-1], error)
        for pieces in texts:
            await self.pieces.note(place, pieces)
        for each in parts:
            again = self._as_edited(each)
            if again is not each:
                # It was edited while it was asked.
                await self._reword(again)
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
            persona=await whom(self.desk, place, author.id, addressed),
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
        again = self._edits.pop((heard.spot.chat, heard.message_id))
        if again is None:
            return heard
        return replace(heard, text=again.text, persona=again.persona)


def _said(heard: Heard) -> Said:
    return Said(
        author=heard.author,
        text=heard.text,
        message_id=str(heard.message_id),
        created=heard.created,
    )


def _now() -> float:
    return asyncio.get_running_loop().time()
