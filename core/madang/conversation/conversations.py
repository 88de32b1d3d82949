"""What people can do with a conversation; bots call nothing else."""

import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from madang.contract import (
    TALLY_KEYS,
    Author,
    Conversation,
    PersonaSource,
    Place,
    Queue,
    Store,
    Turn,
    TurnState,
)
from madang.conversation.answers import Answers, Deliver
from madang.conversation.binding import Bound
from madang.conversation.export import Belongings
from madang.conversation.message import clean_message
from madang.conversation.quota import Allowance
from madang.errors import ConversationBusy, NothingThere, Refused
from madang.filters import FilterChain
from madang.settings import Settings


@dataclass(kw_only=True)
class Conversations:
    """Record what is said, decide who answers, and hand every answer to the bot of its place.

    One answer at a time is on its way in a conversation; what is typed meanwhile joins the next
    turn. Every method takes the place, so that a bot needs no bookkeeping of its own.
    """

    store: Store
    queue: Queue
    settings: Callable[[], Settings]
    personas: Mapping[str, PersonaSource]
    filters: Callable[[Sequence[str]], FilterChain]
    watch: Deliver | None = None
    _answers: Answers = field(init=False)
    _allowance: Allowance = field(init=False)

    def __post_init__(self) -> None:
        """Begin without any answer on its way."""
        self._allowance = Allowance(store=self.store, settings=self.settings)
        self._answers = Answers(
            store=self.store,
            queue=self.queue,
            settings=self.settings,
            personas=self.personas,
            filters=self.filters,
            watch=self.watch,
        )

    # --- a bot comes and goes ---------------------------------------------------------------

    async def open(self, bot: str, deliver: Deliver, *, place: Place | None = None) -> int:
        """Begin to deliver to a bot, and answer what a dead process left unanswered.

        With `place`, only that place is taken over. Returns how many answers were taken up.
        """
        return await self._answers.open(bot, deliver, place)

    async def close(self) -> None:
        """Stop every answer, keeping the text so far, and wait until all are written down."""
        await self._answers.close()

    async def settled(self) -> None:
        """Wait until no answer is on its way and every reply was delivered."""
        await self._answers.settled()

    # --- talking ----------------------------------------------------------------------------

    async def say(
        self,
        place: Place,
        author: Author,
        text: str,
        *,
        persona: str = "",
        message_id: str = "",
    ) -> Turn:
        """Record what somebody says; the answer comes through the bot's `deliver`.

        `persona` addresses somebody else than the place's persona for this turn only. What was
        taken in is answered: limits are checked before, here and wherever else people ask.
        """
        text = clean_message(text, self.settings().limits.message_characters)
        conversation = await self.store.conversation(place)
        bound = self._answers.binder.bind(persona or conversation.persona, place)
        await self._allowance.check(author.id, place)
        decision = await self._answers.filters_of(bound).incoming(text, author, place)
        if decision.refused:
            raise Refused(decision.refused, "Say it in other words.")
        async with self._answers.locked(place):
            conversation = await self.store.conversation(place)
            history = await self.store.history(conversation.id, limit=1)
            turn = await self._add_user_turn(
                conversation,
                author,
                decision.text,
                history[-1].id if history else None,
                persona=bound.reference if persona else "",
                message_id=message_id,
            )
            # Another process that answers here goes on with what was typed meanwhile.
            with contextlib.suppress(ConversationBusy):
                await self._answers.next(conversation)
        return turn

    async def stop(self, place: Place) -> bool:
        """Stop the answer on its way, keeping the text so far; False when there is none."""
        conversation = await self.store.conversation(place)
        answering = self._answers.active.get(conversation.id)
        if answering is None:
            return False
        await answering.stop()
        return True

    async def retry(self, place: Place) -> None:
        """Answer the last question once more; the new variant is the history from now on."""
        async with self._quiet(place) as conversation:
            answer = await self._last_answer(conversation)
            await self._check_asker(answer, place)
            await self._answers.start(conversation, answer.persona, parent=answer.parent)

    async def go_on(self, place: Place) -> None:
        """Continue the last answer where it was stopped or cut."""
        async with self._quiet(place) as conversation:
            answer = await self._last_answer(conversation)
            if answer.state is TurnState.PENDING:
                raise ConversationBusy("An answer is on its way.", "Wait for it, or stop it.")
            if self._answers.binder.bind(answer.persona, place).form.judge or not answer.raw:
                raise NothingThere("There is nothing to continue.", "Ask for another try instead.")
            await self._check_asker(answer, place)
            await self.store.update(answer.id, state=TurnState.PENDING)
            await self._answers.start(conversation, answer.persona, pending=answer)

    async def edit(self, place: Place, author: Author, text: str, turn: str = "") -> Turn:
        """Say an earlier question (by default the last one) in other words and answer that."""
        text = clean_message(text, self.settings().limits.message_characters)
        async with self._quiet(place) as conversation:
            history = await self.store.history(conversation.id)
            asked = [each for each in history if each.role == "user" and turn in ("", each.id)]
            if not asked:
                raise NothingThere("There is no question to edit.", "Ask one first.")
            bound = self._answers.binder.bind(asked[-1].persona or conversation.persona, place)
            await self._allowance.check(author.id, place)
            decision = await self._answers.filters_of(bound).incoming(text, author, place)
            if decision.refused:
                raise Refused(decision.refused, "Say it in other words.")
            edited = await self._add_user_turn(
                conversation, author, decision.text, asked[-1].parent, persona=asked[-1].persona
            )
            await self._answers.next(conversation)
        return edited

    async def undo(self, place: Place) -> Sequence[Turn]:
        """Take the last question and its answer out of the history; return them."""
        async with self._quiet(place) as conversation:
            history = list(await self.store.history(conversation.id))
            start = len(history)
            while start and history[start - 1].role == "persona":
                start -= 1
            while start and history[start - 1].role == "user":
                start -= 1
            if start == len(history):
                raise NothingThere("There is nothing to undo.", "")
            await self.store.unchoose(history[start].id)
        return history[start:]

    async def variants(self, place: Place) -> Sequence[Turn]:
        """List the variants of the last answer, oldest first; the chosen one is marked."""
        answer = await self._last_answer(await self.store.conversation(place))
        return await self.store.variants(answer.id)

    async def show_variant(self, place: Place, number: int) -> Turn:
        """Make variant `number`, from 1, of the last answer the history."""
        async with self._quiet(place):
            variants = await self.variants(place)
            if not 1 <= number <= len(variants):
                raise NothingThere(
                    f"There is no variant {number}.", f"There are {len(variants)}, from 1."
                )
            await self.store.choose(variants[number - 1].id)
        return variants[number - 1]

    # --- the conversation as a whole --------------------------------------------------------

    async def current(self, place: Place) -> Bound:
        """Return who answers at a place."""
        conversation = await self.store.conversation(place)
        return self._answers.binder.bind(conversation.persona, place)

    async def use(self, place: Place, reference: str) -> Bound:
        """Let another persona, `NAME` or `NAME:MODE`, answer at a place from now on."""
        bound = self._answers.binder.bind(reference, place)
        conversation = await self.store.conversation(place)
        await self.store.bind(conversation.id, bound.reference)
        return bound

    async def reset(self, place: Place) -> None:
        """Begin a new conversation; the persona stays, the old turns are no longer seen."""
        await self.stop(place)
        async with self._answers.locked(place):
            await self.store.reset(place)

    async def history(self, place: Place) -> Sequence[Turn]:
        """Return the chosen turns at a place, oldest first."""
        conversation = await self.store.conversation(place)
        return await self.store.history(conversation.id)

    async def tree(self, place: Place) -> Sequence[Turn]:
        """Return every turn at a place, variants included, oldest first."""
        conversation = await self.store.conversation(place)
        return await self.store.tree(conversation.id)

    async def everything(self, author: str) -> Belongings:
        """Return all that somebody said anywhere, the answers and what was counted, to export."""
        turns = await self.store.everything(author)
        return Belongings(turns, await self.store.usage(*TALLY_KEYS, author=author))

    async def forget(self, author: str) -> int:
        """Delete all that somebody said anywhere, and the answers; return how many turns."""
        await self._answers.stop_asked_by(author)
        return await self.store.forget(author)

    # --- inside -----------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _quiet(self, place: Place) -> AsyncIterator[Conversation]:
        """Hold a place that has no answer on its way."""
        async with self._answers.locked(place):
            conversation = await self.store.conversation(place)
            if conversation.id in self._answers.active:
                raise ConversationBusy("An answer is on its way.", "Wait for it, or stop it.")
            yield conversation

    async def _check_asker(self, answer: Turn, place: Place) -> None:
        """Check the limits of who asked for an answer, whoever wants another one now."""
        question = await self.store.turn(answer.parent or "")
        await self._allowance.check(question.author.id if question else "", place)

    async def _last_answer(self, conversation: Conversation) -> Turn:
        history = await self.store.history(conversation.id, limit=1)
        if not history or history[-1].role != "persona":
            raise NothingThere("There is no answer yet.", "Ask something first.")
        return history[-1]

    async def _add_user_turn(
        self,
        conversation: Conversation,
        author: Author,
        text: str,
        parent: str | None,
        *,
        persona: str,
        message_id: str = "",
    ) -> Turn:
        return await self.store.add(
            Turn(
                id=uuid.uuid4().hex,
                parent=parent,
                conversation=conversation.id,
                role="user",
                author=author,
                created=time.time(),
                persona=persona,
                raw=text,
                shown=text,
                message_ids=(message_id,) if message_id else (),
            )
        )
