"""The answers on their way to people: each in messages that grow, and the end always whole."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from msgspec import structs

from madang.contract import Place, Turn
from madang.conversation import Reply, Update
from madang.delivery import Gone, Growing, Lane, Surface, utf16
from madang.errors import UnknownPersona
from madang_discord.content import Attached, Content, Heading
from madang_discord.face_surface import FaceSurface
from madang_discord.faces import Face, above, face_of
from madang_discord.places import Spot, spot_of, user_of
from madang_discord.rest import Refusal
from madang_discord.surface import Owned
from madang_discord.talk import Talk
from madang_discord.token_surface import TokenSurface
from madang_discord.wording import LIMIT, Wording

_log = logging.getLogger(__name__)

Contents = Callable[[Reply, Update], Sequence[Content]]
Elsewhere = Callable[[Reply], tuple[Lane, Surface[Content]]]
"""Where an answer is written that does not go to the place's channel as messages of the bot."""


@dataclass(kw_only=True)
class Answers:
    """Show every answer where it was asked for.

    `elsewhere` says, by the message id that was given to `say`, which answers go another way, such
    as those to a slash command. Whoever puts something there takes it out again.
    """

    talk: Talk
    elsewhere: dict[str, Elsewhere] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    _abandoned: asyncio.Event = field(default_factory=asyncio.Event)

    def abandon(self) -> None:
        """Show no answer any further; what people do not see whole, the next process shows."""
        self._abandoned.set()

    async def deliver(self, reply: Reply) -> None:
        """Show an answer as it grows, and return when people see the whole."""
        question = await self.talk.yard.store.turn(reply.turn.parent or "")
        for feature in self.talk.features:
            await feature.begins(reply)
        showing = asyncio.create_task(self._show(reply, question))
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

    async def redraw(self, place: Place, turn: Turn, messages: Sequence[str]) -> None:
        """Show an answer that has ended in the messages of another one, such as a variant.

        Raises `UnknownPersona` where nobody has its persona any more.
        """
        persona = self.talk.yard.conversations.personas.get(turn.persona.partition(":")[0])
        if persona is None:
            raise UnknownPersona(f"There is no persona '{turn.persona}'.", "Choose another one.")
        shown = structs.replace(turn, message_ids=tuple(messages))
        latest = Update.of(turn)
        await self.deliver(Reply(place=place, turn=shown, persona=persona.current(), latest=latest))

    async def _show(self, reply: Reply, question: Turn | None) -> None:
        asked, message, asker = _asked_by(question)
        with self.talk.lanes.growing(spot_of(reply.place).channel) as lane:
            heading, face = Heading(message=message, asker=asker), face_of(self.talk, reply)
            lane, surface = self._way(reply, lane, asked, heading, face)
            # A button reaches the one message under which it stands, and no other.
            most = 1 if isinstance(surface, TokenSurface) else self.talk.options.messages
            owned = Owned(surface, reply.turn.id, self._owners, self._note(reply), _ids(reply))
            growing = Growing[Content](lane, owned, messages=_ids(reply))
            try:
                await self._grow(reply, growing, partial(self._contents, heading, face, most))
                await self._tell_failure(reply, message)
            except Refusal as refusal:
                await self._stop(reply)
                if refusal.forbidden:
                    await self.talk.cannot_write(reply.place, refusal, message, asker)
                else:
                    _log.info("an answer at %s is not shown: %s", reply.place.key, refusal)
            except Gone as gone:
                await self._stop(reply)
                _log.info("an answer at %s is not shown: %s", reply.place.key, gone)
            finally:
                owned.release()

    async def _grow(self, reply: Reply, growing: Growing[Content], contents: Contents) -> None:
        """Hand on every step, and wait for the end to be seen."""
        watching = asyncio.create_task(_watch(reply, growing, contents))
        try:
            await watching
            await growing.finished()
        finally:
            watching.cancel()

    def _contents(
        self, heading: Heading, face: Face, most: int, reply: Reply, update: Update
    ) -> Sequence[Content]:
        silent = update.problem and not update.text
        if silent and self.talk.error_style(reply.place) != "reply":
            return []
        texts = self.talk.texts(reply.place)
        line = above(texts, spot_of(reply.place), heading)
        limit = LIMIT - utf16(line) - 1 if face.on else LIMIT
        files = face.on or self._may_send_files(spot_of(reply.place))
        wording = Wording(texts=texts, messages=most, limit=limit, files=files)
        contents = wording.contents(reply, update, self._under(reply, update))
        return [replace(each, above="" if n else line) for n, each in enumerate(contents)]

    def _may_send_files(self, spot: Spot) -> bool:
        given = self.talk.given(spot.guild, spot.parent or spot.channel) if spot.guild else None
        return given is None or given.attach_files

    def _under(self, reply: Reply, update: Update) -> Attached | None:
        found = (feature.under(reply, update) for feature in self.talk.features)
        return next((each for each in found if each is not None), None)

    def _way(
        self, reply: Reply, lane: Lane, asked: str, heading: Heading, face: Face
    ) -> tuple[Lane, Surface[Content]]:
        """Return the lane and the surface of an answer."""
        other = self.elsewhere.get(asked)
        if other is not None:
            return other(reply)
        surface = FaceSurface(
            self.talk.rest,
            lane.budget,
            spot_of(reply.place),
            self.talk.webhooks,
            face,
            name=reply.turn.id,
            heading=heading,
            again=reply.resumed,
            taken=self._owners,
        )
        return lane, surface

    def _note(self, reply: Reply) -> Callable[[Sequence[str]], "asyncio.Future[bool]"]:
        messages = self.talk.conversations.messages

        def note(ids: Sequence[str]) -> "asyncio.Future[bool]":
            return asyncio.ensure_future(messages.shown_as(reply.turn.id, ids))

        return note

    async def _tell_failure(self, reply: Reply, message: int) -> None:
        """React to a question whose answer failed, where problems are told so."""
        failed = reply.latest.problem and not reply.latest.text
        if failed and message and self.talk.error_style(reply.place) == "reaction":
            await self.talk.react(spot_of(reply.place).channel, message, "⚠️")

    async def _stop(self, reply: Reply) -> None:
        """Let nobody generate what nobody can see."""
        await self.talk.conversations.controls.stop(reply.turn.id)
        await reply.final()


async def _watch(reply: Reply, growing: Growing[Content], contents: Contents) -> None:
    async for update in reply.updates():
        growing.show(partial(contents, reply, update), final=update.final)
        if growing.gone:
            return


def _ids(reply: Reply) -> Sequence[str]:
    return reply.turn.message_ids


def _asked_by(question: Turn | None) -> tuple[str, int, int]:
    """Return the message id as it was given to `say`, as a number, and the user who asked."""
    if question is None:
        return "", 0, 0
    message = question.message_ids[-1] if question.message_ids else ""
    return message, int(message) if message.isdecimal() else 0, user_of(question.author.id)
