"""What is said on Discord, handed on to the conversations in the order in which it was said."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

import discord

from madang.contract import Author, Found, Place, Turn
from madang.conversation import Bursts, Said
from madang.errors import MadangError, NothingThere
from madang_discord.addressing import Addressing
from madang_discord.chains import Chains
from madang_discord.limits import Limits
from madang_discord.places import spot_of
from madang_discord.reading import Heard, is_spoken, whole, words_of
from madang_discord.recent import Recent
from madang_discord.sign import Sign
from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

REMEMBERED = 4096


@dataclass(kw_only=True)
class Hearing:
    """Take messages in; none is taken in twice.

    Of the last messages that were meant for the bot it is remembered where they belong, and whose
    they are.
    """

    talk: Talk
    chains: Chains = field(init=False)
    addressing: Addressing = field(init=False)
    _bursts: Bursts[Heard] = field(init=False)
    _sign: Sign = field(init=False)
    _seen: Recent[int, tuple[Place, Author] | None] = field(
        default_factory=lambda: Recent(REMEMBERED)
    )
    _locks: WeakValueDictionary[tuple[int, int], asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )

    def __post_init__(self) -> None:
        """Begin with nothing heard."""
        self.chains = Chains(talk=self.talk)
        self.addressing = Addressing(talk=self.talk, chains=self.chains)
        self._sign = Sign(self.talk.rest)
        self._bursts = Bursts(take=self._take, quiet=self.talk.options.burst_seconds)

    async def message(self, message: discord.Message) -> None:
        """Hear a message."""
        if not is_spoken(message) or self.talk.wrote(message):
            return
        if self.talk.closing or message.id in self._seen:
            return
        self._seen[message.id] = None
        async with self._in_turn(message.channel.id):
            await self._hear(message)

    async def edited(self, message: discord.Message) -> None:
        """Take over what a message says now; one of which nobody was asked yet is heard."""
        if self.talk.wrote(message) or not message.content or self.talk.closing:
            return
        known: Sequence[Found] = ()
        # One edit of a message after another, or it would not end with its last words.
        async with self._in_turn(message.channel.id, message.id):
            async with self._in_turn(message.channel.id):
                if self._change(message.id, message):
                    return
                known = await self._found(whole(message), message.id)
                if not known:
                    await self._hear(message)
            if known:
                await self._reword(message, known)

    async def deleted(self, place: Place, channel: int, message: int) -> None:
        """Take what a message said out of the history, and the answers to it off the screen.

        `place` is where its id is unique.
        """
        messages, known, gone = self.talk.conversations.messages, list[Found](), list[Turn]()
        async with self._in_turn(channel):
            if not self._change(message, None):
                known += await self._found(place, message)
                gone += await messages.deleted(place, str(message)) if known else ()
        places = {each.conversation.id: each.conversation.place for each in known}
        for turn in gone:
            if turn.role == "persona":
                shown = [int(each) for each in turn.message_ids if each != str(message)]
                await self.talk.delete(places[turn.conversation], shown)

    @contextlib.asynccontextmanager
    async def _in_turn(self, channel: int, message: int = 0) -> AsyncIterator[None]:
        """Hear one thing in a channel after another, or a burst would come out of order."""
        async with self._locks.setdefault((channel, message), asyncio.Lock()):
            try:
                yield
            except MadangError as error:
                _log.warning("something in channel %d is not heard: %s", channel, error)

    def _change(self, message: int, now: discord.Message | None) -> bool:
        """Change or drop a message of which nobody was asked yet; False where there is none."""
        changed = False

        def change(part: Heard) -> Heard | None:
            nonlocal changed
            if part.message.id != message:
                return part
            changed = True
            return self._reworded(part, now) if now is not None else None

        self._bursts.change(change)
        return changed

    def _reworded(self, heard: Heard, now: discord.Message) -> Heard:
        persona, text = self._words(now, heard.place)
        return replace(heard, message=now, text=text, persona=persona or heard.persona, quoted=0)

    def _words(self, message: discord.Message, place: Place) -> tuple[str, str]:
        """Return who is called by name, and what a message says."""
        return self.addressing.called(message, place, words_of(message, self.talk.me.id))

    async def _found(self, place: Place, message: int) -> Sequence[Found]:
        """Return the turns that a message shows, once those of it are there that are being made."""
        found = await self.talk.yard.store.find(place, str(message))
        if not found and (meant := self._seen.get(message)):
            await self._bursts.flush(*meant)
            found = await self.talk.yard.store.find(place, str(message))
        return found

    async def _reword(self, message: discord.Message, known: Sequence[Found]) -> None:
        asked = next((each for each in known if each.turn.asks), known[0])
        author, place = asked.turn.author, asked.conversation.place
        persona, text = self._words(message, place)
        conversations = self.talk.conversations
        try:
            if not text or not (await conversations.options.at(place)).enabled:
                return
            if await Limits.of(self.talk).turns_down_anew(asked, author, text, message.id):
                return
            await conversations.messages.edited(
                whole(message), author, str(message.id), text, persona=persona
            )
        except NothingThere:
            return
        except MadangError as error:
            await self.talk.refuse(place, error, message=message.id, asker=message.author.id)

    async def _hear(self, message: discord.Message) -> None:
        heard = await self.addressing.read(message)
        if heard is None:
            return
        self._seen[message.id] = (heard.place, heard.author)
        if heard.asks:
            self._sign.give(message.channel)
            over = not self.talk.options.burst_seconds
            self._bursts.add(heard.place, heard.author, heard, cut=heard.cut, over=over)
        elif heard.text:
            await self._asked_before(heard.place)
            await self._rebuild(heard)
            await self.talk.conversations.record(heard.place, [heard.said])

    async def _asked_before(self, place: Place) -> None:
        """Take in what is being asked at a place, before what is said after it."""
        asking = dict[str, Author]()

        def look(part: Heard) -> Heard:
            if part.place == place:
                asking[part.author.id] = part.author
            return part

        self._bursts.change(look)
        for author in asking.values():
            await self._bursts.flush(place, author)

    async def _take(self, place: Place, author: Author, parts: list[Heard]) -> None:
        """Ask what somebody said in one go."""
        if self.talk.closing:
            return
        last = parts[-1].message
        try:
            left = [each for each in parts if not await self._known(each, place)]
            if left and not await self._taken(left[-1]):
                await self._ask(place, author, left)
        except MadangError as error:
            await self.talk.refuse(place, error, message=last.id, asker=last.author.id)
        except Exception:  # noqa: BLE001 - one message's bug must not keep the next from being heard
            _log.exception("message %d at %s is not answered", last.id, place.key)

    async def _known(self, heard: Heard, place: Place) -> bool:
        """Say whether a message was read back meanwhile, as what was said before another one."""
        return await self.talk.conversations.messages.find(place, str(heard.message.id)) is not None

    async def _taken(self, heard: Heard) -> bool:
        for feature in self.talk.features:
            if await feature.takes(heard):
                return True
        return False

    async def _ask(self, place: Place, author: Author, parts: Sequence[Heard]) -> None:
        said = [each for each in parts if each.text]
        if not said:
            await self._hint(place, parts[-1])
            return
        await self._rebuild(parts[0])
        last = said[-1]
        await self.talk.conversations.say(
            place,
            author,
            last.text,
            persona=next((each.persona for each in said if each.persona), ""),
            message_id=str(last.message.id),
            before=[each.said for each in said[:-1]],
        )

    async def _rebuild(self, heard: Heard) -> None:
        """Read back what was said before, where the store does not know it."""
        if await self.talk.conversations.history(heard.place):
            return
        kind, before = spot_of(heard.place).kind, list[Said]()
        if kind == "chain":
            before = list(await self.chains.before(heard.message, heard.place))
        elif kind == "thread":
            before = list(await self.chains.thread(heard.message, heard.place))
        before = [each for each in before if each.message_id != str(heard.quoted)]
        if before:
            await self.talk.conversations.record(heard.place, before)

    async def _hint(self, place: Place, heard: Heard) -> None:
        """Answer what holds no words: with what can be read, or a greeting."""
        message, texts = heard.message, self.talk.texts(place, heard.author.id)
        if message.attachments or message.stickers or message.embeds:
            text = texts("hint.only_text")
        else:
            who = heard.persona or (await self.talk.conversations.current(place)).reference
            persona = self.talk.yard.setup.binder.persona(who)
            about = persona.text(self.talk.locale(place, heard.author.id))
            samples = [texts("greeting.sample", sample=each) for each in about.samples[:3]]
            lines = [about.greeting, *([texts("greeting.samples"), *samples] if samples else [])]
            text = "\n".join(filter(None, lines))
        await self.talk.tell(place, text, message=message.id, asker=message.author.id)
