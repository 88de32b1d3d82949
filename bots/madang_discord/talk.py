"""What everything in the bot works with: the conversations, the ways to write, and who listens."""

import contextlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord.http import Route

from madang.contract import Place
from madang.conversation import Conversations, problem_of
from madang.conversation.options import ErrorStyle
from madang.delivery import Gone, Priority
from madang.errors import MadangError
from madang.texts import Texts
from madang.yard import Yard
from madang_discord.content import Content, Heading
from madang_discord.face_surface import FaceSurface
from madang_discord.faces import Face
from madang_discord.features import Feature
from madang_discord.lanes import Lanes
from madang_discord.options import DiscordOptions
from madang_discord.places import author_of, spot_of
from madang_discord.rest import LOST, Hiccup, Refusal, Rest
from madang_discord.surface import ChannelSurface
from madang_discord.webhooks import Webhooks
from madang_discord.wording import small

if TYPE_CHECKING:
    from madang_discord.answers import Answers
    from madang_discord.ears import Ears

_log = logging.getLogger(__name__)

DIGITS = re.compile(r"\d+")


@dataclass(kw_only=True)
class Talk:
    """Hold what commands, buttons and hearing act through.

    `me` is the bot's user; `client` is the connection of this moment, None while there is none,
    and `reads` says whether the bot may read messages that do not mention it.
    """

    yard: Yard
    options: DiscordOptions
    rest: Rest
    webhooks: Webhooks
    me: discord.ClientUser
    reads: bool = True
    client: "Ears | None" = None
    lanes: Lanes = field(default_factory=Lanes)
    answers: "Answers" = field(init=False)
    features: Sequence[Feature] = ()
    closing: bool = False

    @property
    def conversations(self) -> Conversations:
        """Return what there is to do with conversations."""
        return self.yard.conversations

    def locale(self, place: Place, person: str = "") -> str:
        """Return the language of a place; with a person's id, their own comes first.

        What is set there counts, by people or in the profile's tables of this bot; else what the
        server says, where it is a community, and at last the language of the profile.
        """
        options, profile = self.conversations.options, self.yard.settings
        set_here = options.own(person).locale or options.said(place).locale
        tables = [profile.bots.get(place.bot), *map(profile.places.get, place.lineage)]
        if set_here or any(table and table.locale for table in tables):
            return options.place(place, person).locale
        guild = self._guild(place)
        if guild is not None and "COMMUNITY" in guild.features:
            return "ko" if guild.preferred_locale is discord.Locale.korean else "en"
        return self.yard.locale(place)

    def texts(self, place: Place, person: str = "") -> Texts:
        """Return the bot's words in the language of a place, or of a person."""
        return Texts.of(__package__, self.locale(place, person))

    def error_style(self, place: Place) -> ErrorStyle:
        """Return how a problem is told at a place."""
        errors = self.conversations.options.said(place).errors
        return errors if isinstance(errors, str) else self.options.errors

    async def tell(self, place: Place, text: str, *, message: int = 0, asker: int = 0) -> bool:
        """Write words of the bot's own, as a reply where a message is given; False if it cannot."""
        return await self.write(spot_of(place).channel, text, message=message, asker=asker)

    async def write(self, channel: int, text: str, *, message: int = 0, asker: int = 0) -> bool:
        """Write words into a channel."""
        lane, heading = self.lanes.of(channel), Heading(message=message, asker=asker)
        name = f"w{message or discord.utils.time_snowflake(discord.utils.utcnow()):x}"
        surface = ChannelSurface(self.rest, lane.budget, channel, name=name, heading=heading)

        async def work() -> None:
            await surface.send(Content(text=text), 0)

        try:
            return await lane.put(object(), work, Priority.FIRST)
        except Gone as gone:
            _log.info("nothing can be said in channel %d: %s", channel, gone)
            return False

    def given(self, guild: int, channel: int = 0) -> discord.Permissions | None:
        """Return what the bot may do on a server or in a channel of it, None where unknown."""
        found = self.client and self.client.get_guild(guild)
        inside = found and channel and found.get_channel(channel)
        if not found or (channel and not inside):
            return None
        return inside.permissions_for(found.me) if inside else found.me.guild_permissions

    def wrote(self, message: discord.Message) -> bool:
        """Say whether a message is the bot's, or a persona's that spoke by the bot's webhook."""
        by_webhook = message.webhook_id and message.application_id == self.webhooks.application
        return message.author.id == self.me.id or bool(by_webhook)

    async def delete(self, place: Place, messages: Sequence[int]) -> None:
        """Delete messages of the bot; those that are gone already are no matter."""
        spot = spot_of(place)
        lane = self.lanes.of(spot.channel)
        surface = FaceSurface(
            self.rest, lane.budget, spot, self.webhooks, Face(), name="", heading=Heading()
        )
        for message in messages:
            with contextlib.suppress(Gone):
                work = partial(surface.delete, str(message))
                await lane.put(object(), work, Priority.FIRST)

    async def react(self, channel: int, message: int, emoji: str) -> bool:
        """Put a reaction on a message; False if it cannot."""
        path = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"
        route = Route("PUT", path, channel_id=channel, message_id=message, emoji=emoji)

        async def work() -> None:
            await self.rest.call(route)

        try:
            return await self.lanes.of(channel).put(object(), work, Priority.FIRST)
        except (Gone, Hiccup) as error:
            _log.info("no reaction in channel %d: %s", channel, error)
            return False

    async def refuse(
        self, place: Place, error: MadangError, *, message: int = 0, asker: int = 0
    ) -> None:
        """Tell somebody why what they asked is not done, as the place wants it told."""
        self.yard.monitor.refused(place.bot, error)
        _log.info("refused at %s: %s", place.key, error.code)
        style, channel = self.error_style(place), spot_of(place).channel
        if style == "reply":
            text = self._texts_for(place, asker).problem(problem_of(error))
            await self.tell(place, small(text), message=message, asker=asker)
        elif style == "reaction" and message:
            await self.react(channel, message, "⚠️")

    async def cannot_write(self, place: Place, refusal: Refusal, message: int, asker: int) -> None:
        """Tell who asked that a permission is missing: by a reaction, or else privately."""
        channel = spot_of(place).channel
        _log.warning("cannot write at %s: %s", place.key, refusal)
        if message and await self.react(channel, message, "🔇"):
            return
        if asker and self.client is not None:
            text = self._texts_for(place, asker)("answer.denied", channel=channel)
            try:
                user = self.client.get_user(asker) or await self.client.fetch_user(asker)
                await user.send(text)
            except LOST as error:
                _log.info("%d cannot be told: %s", asker, error)

    def _texts_for(self, place: Place, asker: int) -> Texts:
        return self.texts(place, author_of(asker, "").id)

    def _guild(self, place: Place) -> discord.Guild | None:
        part = place.key.split("/")[1:2]
        if self.client is None or not part or not DIGITS.fullmatch(part[0]):
            return None
        return self.client.get_guild(int(part[0]))
