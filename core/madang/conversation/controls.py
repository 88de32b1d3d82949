"""What people do to one answer, by the turn of it; bots put these on buttons."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from madang.contract import Conversation, Found, Store, Turn, TurnState
from madang.conversation.answers import Answers
from madang.conversation.intake import Intake
from madang.conversation.reply import Reply
from madang.conversation.turns import question_of
from madang.errors import ConversationBusy, NothingThere, NotTheLast, TurnNotFound


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Change an answer, named by the turn of any of its variants; who may is up to the bot.

    Raises `TurnNotFound` where the turn is gone; `NotTheLast` where only the last answer of a
    conversation can be changed and this is none; `ConversationBusy` while one is on its way.
    """

    store: Store
    answers: Answers
    intake: Intake

    async def stop(self, turn: str) -> bool:
        """Stop the answer while it is on its way, keeping the text so far; False when it is not."""
        for answering in self.answers.active.values():
            if answering.reply.turn.id == turn:
                await answering.stop()
                return True
        return False

    async def retry(self, turn: str) -> None:
        """Answer the question once more; the new variant is the history from now on.

        It begins with the message ids of the one before, to be shown in its place.
        """
        async with self._last(turn) as (conversation, answer):
            await self.intake.ask_again(answer, conversation.place)
            await self.answers.start(
                conversation,
                answer.persona,
                parent=answer.parent,
                message_ids=answer.message_ids,
            )
            await self.store.update(answer.id, message_ids=())

    async def go_on(self, turn: str) -> None:
        """Continue the answer where it was stopped or cut."""
        async with self._last(turn) as (conversation, answer):
            place = conversation.place
            if answer.state is TurnState.PENDING:
                raise ConversationBusy("An answer is on its way.", "Wait for it, or stop it.")
            if self.answers.binder.bind(answer.persona, place).form.judge or not answer.raw:
                raise NothingThere("There is nothing to continue.", "Ask for another try instead.")
            await self.intake.ask_again(answer, place)
            await self.store.update(answer.id, state=TurnState.PENDING)
            await self.answers.start(conversation, answer.persona, pending=answer)

    async def variants(self, turn: str) -> Sequence[Turn]:
        """List the variants of an answer, oldest first; the chosen one is marked."""
        return await self.store.variants(turn)

    async def question(self, answer: Turn) -> Turn | None:
        """Return what an answer answers, and with it who asked; None when that is gone."""
        return await question_of(self.store, answer)

    async def reply(self, turn: str, messages: Sequence[str]) -> Reply:
        """Return an answer that has ended as a reply, to be shown in messages that are there.

        Raises `UnknownPersona` where nobody has its persona any more.
        """
        return await self.answers.showing.ended(await self._found(turn), messages)

    async def show(self, turn: str) -> Turn:
        """Make exactly this variant of the last answer the history."""
        async with self._last(turn):
            await self.store.choose(turn)
        return (await self._found(turn)).turn

    async def turn_page(self, turn: str, step: int) -> Turn:
        """Make the variant that many before (-1) or after (1) the chosen one the history."""
        async with self._last(turn) as (_, answer):
            variants = await self.store.variants(answer.id)
            number = [each.id for each in variants].index(answer.id) + step
            if not 0 <= number < len(variants):
                raise NothingThere("There is no further variant.", "Ask for another one.")
            await self.store.choose(variants[number].id)
        return variants[number]

    async def delete(self, turn: str) -> Sequence[Turn]:
        """Delete an answer in all its variants, also an older one; return what is gone.

        One that is on its way is stopped first. The question stays, and is not answered again.
        """
        found = await self._found(turn)
        async with self.answers.locked(found.conversation.place):
            ids = [each.id for each in await self.store.variants(turn)]
            await self.answers.halt(found.conversation.id, lambda on: on.reply.turn.id in ids)
            await self._let_be(found.turn.parent)
            return await self.store.remove(ids)

    async def _let_be(self, question: str | None) -> None:
        """Note that nobody waits for an answer to a question any more."""
        while question and (turn := await self.store.turn(question)) and turn.role == "user":
            await self.store.update(turn.id, asks=False)
            question = turn.parent

    @contextlib.asynccontextmanager
    async def _last(self, turn: str) -> AsyncIterator[tuple[Conversation, Turn]]:
        """Hold the place of an answer that is the last there; yields the variant that is shown."""
        found = await self._found(turn)
        async with self.answers.quiet(found.conversation.place) as conversation:
            history = await self.store.history(conversation.id, limit=1)
            if not history or not _variants(history[-1], found.turn):
                raise NotTheLast("More was said since this answer.", "Change the last one instead.")
            yield conversation, history[-1]

    async def _found(self, turn: str) -> Found:
        found = await self.store.locate(turn)
        if found is None or found.turn.role != "persona":
            raise TurnNotFound(f"There is no answer {turn}.", "It may have been deleted.")
        return found


def _variants(one: Turn, other: Turn) -> bool:
    return (one.conversation, one.parent, one.role) == (
        other.conversation,
        other.parent,
        other.role,
    )
