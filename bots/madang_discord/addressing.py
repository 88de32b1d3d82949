"""Which messages are meant for the bot, and to which conversation they belong."""

import time
from collections import Counter
from dataclasses import dataclass, field

import discord

from madang.contract import Found, Place
from madang.conversation import Here
from madang.conversation.bursts import SPLIT_SECONDS
from madang_discord.chains import Chains
from madang_discord.naming import called
from madang_discord.places import author_of, chain_place, channel_place, spot_of
from madang_discord.reading import Heard, around, is_cut, mentions_me, replied, words_of
from madang_discord.recent import Recent
from madang_discord.talk import Talk

MOST_OPEN = 1024


@dataclass(frozen=True, kw_only=True)
class _Call:
    """Say how a message calls the bot: by name, or by a reply to what it said."""

    named: bool
    replied: discord.Message | None
    found: Found | None
    to_me: bool

    @property
    def direct(self) -> bool:
        return self.named or self.to_me


@dataclass(kw_only=True)
class Addressing:
    """Decide what of all that is said the bot is to hear, and where it belongs."""

    talk: Talk
    chains: Chains
    _bot_turns: Counter[int] = field(default_factory=Counter)
    _open: Recent[tuple[int, int], tuple[Place, int, float]] = field(
        default_factory=lambda: Recent(MOST_OPEN)
    )

    async def read(self, message: discord.Message) -> Heard | None:
        """Return a message with its place; None where it is nothing to the bot."""
        here = await self.talk.conversations.options.at(
            around(message), author_of(message.author.id, "").id
        )
        if not here.enabled:
            return None
        call = await self._call(message)
        if not self._may_speak(message, call):
            return None
        if message.guild is None:
            return await self._heard(message, call, around(message), here)
        if isinstance(message.channel, discord.Thread):
            return await self._in_thread(message, message.channel, call, here)
        return await self._in_channel(message, call, here)

    def called(self, message: discord.Message, place: Place, text: str) -> tuple[str, str]:
        """Return who is called by name in what a message says, and the rest of it.

        Where the persona is locked, it hears what others are called.
        """
        if self._bound(message, place):
            return "", text
        return called(text, self.talk.yard.personas(place))

    def _bound(self, message: discord.Message, place: Place) -> bool:
        """Say whether a lock leaves nobody else to be addressed, as it does but for managers."""
        here = self.talk.conversations.options.place(place)
        return here.locked and not _manages(message)

    async def _in_thread(
        self, message: discord.Message, thread: discord.Thread, call: _Call, here: Here
    ) -> Heard | None:
        place = around(message)
        part = here.free or thread.me is not None or await self._known(place)
        if not call.direct and (not part or not message.content):
            return None
        asks = call.direct or not self._to_others(message, call)
        return await self._heard(message, call, place, here, asks=asks)

    async def _in_channel(self, message: discord.Message, call: _Call, here: Here) -> Heard | None:
        whole = around(message)
        if call.direct:
            place = await self._conversation(message, call, here)
            self._begin(message, place, message.id)
            return await self._heard(message, call, place, here)
        if not message.content:
            return None
        if here.free:
            asks = not self._to_others(message, call)
            return await self._heard(message, call, whole, here, asks=asks)
        going_on = None if self._to_others(message, call) else self._going_on(message)
        return await self._heard(message, call, going_on, here) if going_on else None

    async def _heard(
        self, message: discord.Message, call: _Call, place: Place, here: Here, *, asks: bool = True
    ) -> Heard:
        text, quoted = words_of(message, self.talk.me.id), 0
        if not text and call.named and call.replied and not call.to_me:
            text, quoted = words_of(call.replied, self.talk.me.id), call.replied.id
        persona, text = self.called(message, place, text)
        return Heard(
            message=message,
            place=place,
            author=author_of(message.author.id, message.author.display_name),
            text=text,
            asks=asks,
            persona=persona or self._persona(message, call, here),
            quoted=quoted,
        )

    def _persona(self, message: discord.Message, call: _Call, here: Here) -> str:
        """Return who is addressed: who said what is replied to, or whom the person chose."""
        if self._bound(message, around(message)):
            return ""
        if call.found is not None and call.found.turn.role == "persona":
            return call.found.turn.persona
        if call.replied is not None and (speaker := self.chains.speaker(call.replied)):
            return speaker
        own = self.talk.conversations.options.own(author_of(message.author.id, "").id).persona
        return here.persona if own and not here.locked else ""

    async def _call(self, message: discord.Message) -> _Call:
        named = mentions_me(message, self.talk.me.id)
        if not replied(message):
            return _Call(named=named, replied=None, found=None, to_me=False)
        found = await self.chains.found(message, replied(message))
        above = await self.chains.replied_to(message)
        mine = above is not None and self.talk.wrote(above)
        answered = found is not None and found.turn.role == "persona"
        return _Call(named=named, replied=above, found=found, to_me=mine or answered)

    async def _conversation(self, message: discord.Message, call: _Call, here: Here) -> Place:
        """Return the place of what a message goes on with, or a new chain that begins with it."""
        if message.guild is None:
            return around(message)
        if call.found is not None:
            place = call.found.conversation.place
            if spot_of(place).kind != "chain" or await self._is_last(call.found):
                return place
        elif here.free and not replied(message):
            return channel_place(message.guild.id, message.channel.id)
        return chain_place(message.guild.id, message.channel.id, message.id)

    async def _is_last(self, found: Found) -> bool:
        history = await self.talk.conversations.history(found.conversation.place)
        return bool(history) and history[-1].id == found.turn.id

    async def _known(self, place: Place) -> bool:
        return bool(await self.talk.conversations.history(place))

    def _begin(self, message: discord.Message, place: Place, first: int) -> None:
        """Note that what this author writes next may belong to the same question."""
        wait = SPLIT_SECONDS if is_cut(message) else self.talk.options.burst_seconds
        until = time.monotonic() + wait
        self._open[message.channel.id, message.author.id] = (place, first, until)

    def _going_on(self, message: discord.Message) -> Place | None:
        """Return where somebody is who named the bot a moment ago and writes on."""
        key = (message.channel.id, message.author.id)
        if key not in self._open:
            return None
        place, first, until = self._open[key]
        if time.monotonic() > until:
            del self._open[key]
            return None
        # What was missed is heard late, and may have been said before.
        if message.id < first:
            return None
        self._begin(message, place, first)
        return place

    def _to_others(self, message: discord.Message, call: _Call) -> bool:
        """Say whether a message is for somebody else: it names them, or replies to them."""
        return bool(message.raw_mentions) or call.replied is not None

    def _may_speak(self, message: discord.Message, call: _Call) -> bool:
        """Let people speak; other bots only when they call the bot, and not for ever."""
        channel = message.channel.id
        if not message.author.bot and message.webhook_id is None:
            self._bot_turns.pop(channel, None)
            return True
        if not call.direct:
            return False
        self._bot_turns[channel] += 1
        return self._bot_turns[channel] <= self.talk.options.bot_turns


def _manages(message: discord.Message) -> bool:
    """Say whether who said this may manage the server."""
    author = message.author
    return isinstance(author, discord.Member) and author.guild_permissions.manage_guild
