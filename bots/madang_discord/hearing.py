"""What is said on Discord, handed on to the conversations in the order in which it was said."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import discord

from madang.contract import Author, Found, Place
from madang.conversation import Bursts, Said
from madang.errors import MadangError, NothingThere
from madang_discord.addressing import Addressing
from madang_discord.chains import Chains
from madang_discord.limits import limits_of
from madang_discord.places import author_of, spot_of
from madang_discord.reading import Heard, around, is_spoken, words_of
from madang_discord.sign import Sign
from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

REMEMBERED = 4096


@dataclass(kw_only=True)
class Hearing:
    """Take messages in; none is taken in twice.

    Of the last messages it is remembered whether they were meant for the bot.
    """

    talk: Talk
    chains: Chains = field(init=False)
    addressing: Addressing = field(init=False)
    _bursts: Bursts[Heard] = field(init=False)
    _sign: Sign = field(init=False)
    _seen: OrderedDict[int, bool] = field(default_factory=OrderedDict)
    _locks: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

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
        if self.talk.closing or not self._is_new(message.id):
            return
        async with self._in_turn(message):
            await self._hear(message)

    async def edited(self, message: discord.Message) -> None:
        """Take over what a message says now; one that only now names the bot is heard."""
        if self.talk.wrote(message) or not message.content or self.talk.closing:
            return
        messages, known = self.talk.conversations.messages, None
        async with self._in_turn(message):
            known = await messages.find(around(message), str(message.id))
            if known is None and not self._seen.get(message.id):
                await self._hear(message)
        if known is not None:
            await self._reword(message, known)

    async def deleted(self, place: Place, message: int) -> None:
        """Take what a message said out of the history, and the answer to it off the screen."""
        try:
            gone = await self.talk.conversations.messages.deleted(place, str(message))
        except MadangError as error:
            _log.warning("message %d stays in the history: %s", message, error)
            return
        answers = [int(i) for turn in gone if turn.role == "persona" for i in turn.message_ids]
        await self.talk.delete(place, [i for i in answers if i != message])

    @contextlib.asynccontextmanager
    async def _in_turn(self, message: discord.Message) -> AsyncIterator[None]:
        """Hear one message of a channel after another, or a burst would come out of order."""
        async with self._locks.setdefault(message.channel.id, asyncio.Lock()):
            try:
                yield
            except MadangError as error:
                _log.warning("message %d is not heard: %s", message.id, error)

    async def _reword(self, message: discord.Message, known: Found) -> None:
        author = author_of(message.author.id, message.author.display_name)
        text, place = words_of(message, self.talk.me.id), known.conversation.place
        try:
            if await limits_of(self.talk).turns_down_anew(known, author, text, message.id):
                return
            await self.talk.conversations.messages.edited(place, author, str(message.id), text)
        except NothingThere:
            return
        except MadangError as error:
            await self.talk.refuse(place, error, message=message.id, asker=message.author.id)

    async def _hear(self, message: discord.Message) -> None:
        heard = await self.addressing.read(message)
        if heard is None:
            return
        self._seen[message.id] = True
        if heard.asks:
            self._sign.give(message.channel)
            over = not self.talk.options.burst_seconds
            self._bursts.add(heard.place, heard.author, heard, cut=heard.cut, over=over)
        elif heard.text:
            await self._rebuild(heard)
            await self.talk.conversations.record(heard.place, [heard.said])

    async def _take(self, place: Place, author: Author, parts: list[Heard]) -> None:
        """Ask what somebody said in one go."""
        if self.talk.closing:
            return
        last = parts[-1].message
        try:
            left = [each for each in parts if not await self._known(each, place)]
            left = [each for each in left if not await self._taken(each)]
            if left:
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
            bound = await self.talk.conversations.current(place)
            about = bound.persona.text(self.talk.locale(place, heard.author.id))
            samples = [texts("greeting.sample", sample=each) for each in about.samples[:3]]
            lines = [about.greeting, *([texts("greeting.samples"), *samples] if samples else [])]
            text = "\n".join(filter(None, lines))
        await self.talk.tell(place, text, message=message.id, asker=message.author.id)

    def _is_new(self, message: int) -> bool:
        if message in self._seen:
            return False
        self._seen[message] = False
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True
