"""What people do to messages of their platform, by the ids that it gives them."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import dropwhile, takewhile

from madang.contract import Author, Conversation, Found, Place, Store, Turn, TurnState
from madang.conversation.answers import Answers
from madang.conversation.controls import Controls
from madang.conversation.export import chosen_path
from madang.conversation.intake import Intake
from madang.errors import ConversationBusy, NothingThere, TurnNotFound


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Find turns by message, and follow what happens to messages.

    A place stands for all below it too. A message that nobody recorded is nobody's business: bots
    pass on every edit and deletion that they hear of.
    """

    store: Store
    answers: Answers
    intake: Intake
    controls: Controls

    async def find(self, place: Place, message: str) -> Found | None:
        """Return the turn that a message shows, and its conversation."""
        return next(iter(await self.store.find(place, message)), None)

    async def shown_as(self, turn: str, messages: Sequence[str]) -> bool:
        """Note the messages in which a turn is shown, in their order; False when it is gone.

        They show no other variant any more.
        """
        try:
            await self.store.update(turn, message_ids=tuple(messages))
        except TurnNotFound:
            return False
        # One that is taken back from here on is taken back with these.
        with contextlib.suppress(TurnNotFound):
            for each in await self.store.variants(turn):
                if each.id != turn and each.message_ids:
                    await self.store.update(each.id, message_ids=())
        return True

    async def edited(
        self, place: Place, author: Author, message: str, text: str, *, persona: str = ""
    ) -> bool:
        """Take over what a message says now; False when that is nothing new.

        `persona` is whom it addresses now, where it addresses somebody.
        Where it belongs to the last question, that is answered anew, in the messages of the answer
        before, which is gone; of older ones, and where it was only read along, just the history
        changes. What is refused changes nothing. `NothingThere` where it is somebody else's.
        """
        found = [e for e in await self.store.find(place, message) if e.turn.role == "user"]
        if any(each.turn.author.id != author.id for each in found):
            raise NothingThere("This message is somebody else's.", "Edit one of your own.")
        await self.answers.options.refresh()
        changed = [await self._edit(each, author, text, persona) for each in found]
        return any(changed)

    async def deleted(self, place: Place, message: str) -> Sequence[Turn]:
        """Take what a message said out of the history for good; return the turns that are gone.

        The answer to it goes too, and is stopped first where it is on its way, unless others asked
        along; these get another answer when it was.
        """
        gone: dict[str, Turn] = {}
        for found in await self.store.find(place, message):
            if found.turn.id not in gone:
                gone |= {each.id: each for each in await self._delete(found)}
        return list(gone.values())

    async def forget_above(self, place: Place, message: str) -> None:
        """Begin a new conversation with a message: what was said before is not seen any more.

        It is kept aside until it expires, as after a reset.
        """
        found = await self.find(place, message)
        if found is None:
            raise NothingThere("This message is not part of the conversation.", "Reset it instead.")
        async with self.answers.quiet(found.conversation.place):
            await self.store.reset(found.conversation.place, found.turn.id)

    async def _edit(self, found: Found, author: Author, text: str, persona: str) -> bool:
        """Change one turn; False where it says that already."""
        conversation, place = found.conversation, found.conversation.place
        persona = persona or found.turn.persona
        bound = self.answers.binder.bind(persona or conversation.persona, place)
        text = await self.intake.text(place, author, text, bound)
        async with self.answers.locked(place):
            turn = await self.store.turn(found.turn.id)
            if turn is None or (text, persona) == (turn.raw, turn.persona):
                return False
            await self._reword(conversation, turn, text, persona)
        return True

    async def _delete(self, found: Found) -> Sequence[Turn]:
        turn, conversation = found.turn, found.conversation
        if turn.role == "persona":
            return await self.controls.delete(turn.id)
        async with self.answers.locked(conversation.place):
            halted = await self.answers.halt(
                conversation.id, lambda on: turn.asks and on.asking.answers(turn.id)
            )
            tree = await self.store.tree(conversation.id)
            gone = [turn, *_answers_to(turn, tree, also_of_others=halted)]
            return await self.store.remove([each.id for each in gone])

    async def _reword(
        self, conversation: Conversation, turn: Turn, text: str, persona: str
    ) -> None:
        """Change what was said, and answer it anew where it is the last question."""
        current = await self.store.conversation(conversation.place)
        reword = partial(self.store.update, turn.id, raw=text, shown=text, persona=persona)
        after = await self._from(turn)
        answer = next((each for each in after if each.role == "persona"), None)
        # One on its way is followed by what others asked meanwhile, which is answered along.
        last = answer is None or answer is after[-1] or answer.state is TurnState.PENDING
        if not (after and last and turn.asks) or current.id != conversation.id:
            await reword()
            return
        await self.intake.allowance.check(turn.author.id, conversation.place)
        if answer:
            await self.answers.halt(conversation.id, lambda on: on.reply.turn.id == answer.id)
        ids = await self._replace(reword, answer, last=answer is after[-1])
        # Another process that answers here goes on with what was said before.
        with contextlib.suppress(ConversationBusy):
            await self.answers.next(conversation, message_ids=ids)

    async def _from(self, turn: Turn) -> Sequence[Turn]:
        """Return the history from a turn on."""
        history = await self.store.history(turn.conversation)
        return list(dropwhile(lambda each: each.id != turn.id, history))

    async def _replace(
        self, reword: Callable[[], Awaitable[None]], answer: Turn | None, *, last: bool
    ) -> tuple[str, ...]:
        """Change a question and delete the answer to it; return the messages that showed that."""
        variants = await self.store.variants(answer.id) if answer else []
        shown = next((each for each in variants if answer and each.id == answer.id), None)
        if shown is None or shown.state is TurnState.PENDING:
            await reword()
            return ()
        # In this order a process that dies in between leaves a question that is answered.
        if last:
            await self.store.unchoose(shown.id)
        await reword()
        gone = await self.store.remove([each.id for each in variants])
        # As they were last: while we were at it, one more message may have been shown.
        return next((each.message_ids for each in gone if each.message_ids), ())


def _answers_to(turn: Turn, tree: Sequence[Turn], *, also_of_others: bool) -> list[Turn]:
    """Return the answers to a turn in all variants; those to others too only where wanted."""
    path = chosen_path(tree)
    end, together = turn.id, [turn]
    at = next((at for at, each in enumerate(path) if each.id == turn.id), None)
    if at is not None:
        before = takewhile(lambda each: each.role == "user", reversed(path[:at]))
        after = list(takewhile(lambda each: each.role == "user", path[at + 1 :]))
        together = [*before, turn, *after]
        end = after[-1].id if after else turn.id
    others = any(each.asks for each in together if each.id != turn.id)
    if (others and not also_of_others) or not turn.asks:
        return []
    return [each for each in tree if each.parent == end and each.role == "persona"]
