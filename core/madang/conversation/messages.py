"""What people do to messages of their platform, by the ids that it gives them."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

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
            for each in await self.store.variants(turn):
                if each.id != turn and each.message_ids:
                    await self.store.update(each.id, message_ids=())
        except TurnNotFound:
            return False
        return True

    async def edited(self, place: Place, author: Author, message: str, text: str) -> bool:
        """Take over what a message says now; False when that is nothing new.

        Where it belongs to the last question, that is answered anew, in the messages of the answer
        before, which is gone; of older ones, and where it was only read along, just the history
        changes. What is refused changes nothing. `NothingThere` where it is somebody else's.
        """
        found = [e for e in await self.store.find(place, message) if e.turn.role == "user"]
        if any(each.turn.author.id != author.id for each in found):
            raise NothingThere("This message is somebody else's.", "Edit one of your own.")
        await self.answers.options.refresh()
        changed = [await self._edit(each, author, text) for each in found]
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

    async def _edit(self, found: Found, author: Author, text: str) -> bool:
        """Change one turn; False where it says that already."""
        conversation, place = found.conversation, found.conversation.place
        bound = self.answers.binder.bind(found.turn.persona or conversation.persona, place)
        text = await self.intake.text(place, author, text, bound)
        async with self.answers.locked(place):
            turn = await self.store.turn(found.turn.id)
            if turn is None or text == turn.raw:
                return False
            await self._reword(conversation, turn, text)
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

    async def _reword(self, conversation: Conversation, turn: Turn, text: str) -> None:
        """Change what was said, and answer it anew where it is the last question."""
        current = await self.store.conversation(conversation.place)
        asked, answer = _last_question(await self.store.history(conversation.id))
        again = turn.id in [each.id for each in asked] and any(each.asks for each in asked)
        if not again or current.id != conversation.id:
            await self.store.update(turn.id, raw=text, shown=text)
            return
        await self.intake.allowance.check(turn.author.id, conversation.place)
        if answer:
            await self.answers.halt(conversation.id, lambda on: on.reply.turn.id == answer.id)
        ids = await self._replace(turn, text, answer)
        # Another process that answers here goes on with what was said before.
        with contextlib.suppress(ConversationBusy):
            await self.answers.next(conversation, message_ids=ids)

    async def _replace(self, turn: Turn, text: str, answer: Turn | None) -> tuple[str, ...]:
        """Change a question and delete the answer to it; return the messages that showed that."""
        variants = await self.store.variants(answer.id) if answer else []
        last = next((each for each in variants if answer and each.id == answer.id), None)
        if last is None or last.state is TurnState.PENDING:
            await self.store.update(turn.id, raw=text, shown=text)
            return ()
        # In this order a process that dies in between leaves a question that is answered.
        await self.store.unchoose(last.id)
        await self.store.update(turn.id, raw=text, shown=text)
        gone = await self.store.remove([each.id for each in variants])
        # As they were last: while we were at it, one more message may have been shown.
        return next((each.message_ids for each in gone if each.message_ids), ())


def _last_question(history: Sequence[Turn]) -> tuple[list[Turn], Turn | None]:
    """Return what was said since the answer before the last, and the last answer to it."""
    answer = history[-1] if history and history[-1].role == "persona" else None
    said = reversed(history[:-1] if answer else history)
    return list(takewhile(lambda turn: turn.role == "user", said)), answer


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
