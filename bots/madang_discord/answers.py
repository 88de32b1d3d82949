"""The answers on their way to people: each in messages that grow, and the end always whole."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial

from madang.contract import Turn
from madang.conversation import Reply
from madang.delivery import Gone, Growing, Lane, Surface
from madang.errors import ConversationBusy, MadangError, NotTheLast, TurnNotFound
from madang_discord.content import Content, Heading
from madang_discord.face_surface import FaceSurface
from madang_discord.faces import Face, face_of
from madang_discord.looks import Look, failed
from madang_discord.places import spot_of, user_of
from madang_discord.rest import Refusal
from madang_discord.surface import Owned
from madang_discord.talk import Talk
from madang_discord.token_surface import TokenSurface

_log = logging.getLogger(__name__)

Elsewhere = Callable[[Reply], tuple[Lane, Surface[Content]]]
"""Where an answer is written that does not go to the place's channel as messages of the bot."""


@dataclass(kw_only=True)
class Answers:
    """Show every answer where it was asked for.

    `elsewhere` says, by the message id that was given to `say`, how the next answer to it goes
    another way, such as that to a slash command.
    """

    talk: Talk
    elsewhere: dict[str, Elsewhere] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    _abandoned: asyncio.Event = field(default_factory=asyncio.Event)

    def abandon(self) -> None:
        """Show no answer any further; what people do not see whole, the next process shows."""
        self._abandoned.set()

    async def deliver(self, reply: Reply) -> None:
        """Show an answer as it grows, and return when people see the whole.

        Where problems are not told, another try that fails leaves the answer before it there.
        """
        told = self.talk.error_style(reply.place) == "reply"
        before = "" if told else await self._before(reply)
        await self._unless_abandoned(self._show(reply, before, silent=not (told or before)))

    async def redraw(self, turn: str, messages: Sequence[str]) -> None:
        """Show an answer that has ended in the messages of another one, such as a variant.

        Raises `TurnNotFound`, and `UnknownPersona` where nobody has its persona any more.
        """
        reply = await self.talk.conversations.controls.reply(turn, messages)
        await self.talk.conversations.messages.shown_as(turn, messages)
        await self._unless_abandoned(self._show(reply, "", silent=False))

    async def _unless_abandoned(self, work: Coroutine[None, None, None]) -> None:
        showing = asyncio.create_task(work)
        abandoned = asyncio.create_task(self._abandoned.wait())
        try:
            await asyncio.wait({showing, abandoned}, return_when=asyncio.FIRST_COMPLETED)
            if not showing.done():
                showing.cancel()
                # Not a return: this answer was not shown.
                raise asyncio.CancelledError
            showing.result()
        finally:
            abandoned.cancel()
            showing.cancel()

    async def _show(self, reply: Reply, before: str, *, silent: bool) -> None:
        """Show an answer, or in its messages the one `before` when nothing comes of it."""
        question = await self.talk.conversations.controls.question(reply.turn)
        for feature in self.talk.features:
            await feature.begins(reply)
        asked, heading = _asked_by(question)
        left: Sequence[str] = ()
        with self.talk.lanes.growing(spot_of(reply.place).channel) as lane:
            face, other = face_of(self.talk, reply), self.elsewhere.pop(asked, None)
            way = other(reply) if other else (lane, self._surface(reply, lane, heading, face))
            # A button reaches the one message under which it stands, and no other.
            most = 1 if isinstance(way[1], TokenSurface) else self.talk.options.messages
            look = Look(talk=self.talk, heading=heading, face=face, most=most, silent=silent)
            owned = self._owned(reply, way[1])
            growing = Growing[Content](way[0], owned, messages=reply.turn.message_ids)
            try:
                left = await self._grow(reply, growing, look, before)
                await self._tell_failure(reply, heading.message)
            except Gone as gone:
                await self._unseen(reply, heading, gone)
            finally:
                owned.release()
        if left:
            await self._go_back(before, left)

    async def _grow(
        self, reply: Reply, growing: Growing[Content], look: Look, before: str
    ) -> Sequence[str]:
        """Hand on every step, and wait for the end to be seen.

        Returns the messages in which the answer `before` is to be seen instead, none otherwise.
        """
        watching = asyncio.create_task(_watch(reply, growing, look, withheld=bool(before)))
        try:
            await watching
            if before and failed(reply.latest):
                if await self._chosen(before):
                    return growing.messages
                growing.show(partial(look.contents, reply, reply.latest), final=True)
            await growing.finished()
        finally:
            watching.cancel()
        return ()

    async def _before(self, reply: Reply) -> str:
        """Return the answer in whose messages another try is shown, empty for a first one."""
        if not reply.turn.message_ids:
            return ""
        variants = await self.talk.conversations.controls.variants(reply.turn.id)
        said = [each.id for each in variants if each.shown and each.id != reply.turn.id]
        return said[-1] if said else ""

    async def _chosen(self, turn: str) -> bool:
        """Make an answer the history again, unless more was said meanwhile."""
        try:
            await self.talk.conversations.controls.show(turn)
        except (ConversationBusy, NotTheLast, TurnNotFound):
            return False
        return True

    async def _go_back(self, turn: str, messages: Sequence[str]) -> None:
        try:
            await self.redraw(turn, messages)
        except MadangError as error:
            _log.warning("the answer before is not shown again: %s", error)

    def _owned(self, reply: Reply, surface: Surface[Content]) -> Owned:
        note = partial(self.talk.conversations.messages.shown_as, reply.turn.id)
        return Owned(surface, reply.turn.id, self._owners, note, reply.turn.message_ids)

    def _surface(self, reply: Reply, lane: Lane, heading: Heading, face: Face) -> FaceSurface:
        return FaceSurface(
            self.talk.rest,
            lane.budget,
            spot_of(reply.place),
            self.talk.webhooks,
            face,
            name=reply.turn.id,
            heading=heading,
            before=reply.turn.message_ids,
            resumed=reply.resumed,
            taken=self._owners,
        )

    async def _tell_failure(self, reply: Reply, message: int) -> None:
        """React to a question whose answer failed, where problems are told so."""
        told = self.talk.error_style(reply.place) == "reaction"
        if told and message and failed(reply.latest):
            await self.talk.react(spot_of(reply.place).channel, message, "⚠️")

    async def _unseen(self, reply: Reply, heading: Heading, gone: Gone) -> None:
        """Let nobody generate what nobody can see, and tell who asked where they do not know."""
        await self.talk.conversations.controls.stop(reply.turn.id)
        await reply.final()
        if isinstance(gone, Refusal) and gone.forbidden:
            await self.talk.cannot_write(reply.place, gone, heading.message, heading.asker)
        else:
            _log.info("an answer at %s is not shown: %s", reply.place.key, gone)


async def _watch(reply: Reply, growing: Growing[Content], look: Look, *, withheld: bool) -> None:
    """Hand on every step; a failure that is withheld is none."""
    async for update in reply.updates():
        if not (withheld and failed(update)):
            growing.show(partial(look.contents, reply, update), final=update.final)
        if growing.gone:
            return


def _asked_by(question: Turn | None) -> tuple[str, Heading]:
    """Return the message id as it was given to `say`, and what an answer has for its heading."""
    if question is None:
        return "", Heading()
    message = question.message_ids[-1] if question.message_ids else ""
    number = int(message) if message.isdecimal() else 0
    return message, Heading(message=number, asker=user_of(question.author.id))
