"""What people can do with a conversation; bots call nothing else."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from madang.contract import (
    TALLY_KEYS,
    Author,
    PersonaSource,
    Place,
    Queue,
    Removed,
    Store,
    Turn,
)
from madang.conversation import turns
from madang.conversation.answers import Answers
from madang.conversation.binding import Bound
from madang.conversation.controls import Controls
from madang.conversation.export import Belongings
from madang.conversation.intake import Intake
from madang.conversation.messages import Messages
from madang.conversation.options import Options
from madang.conversation.quota import Allowance
from madang.conversation.recording import Recording, Said
from madang.conversation.retention import expire
from madang.conversation.showing import Deliver
from madang.errors import ConversationBusy, NothingThere
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
    options: Options = field(init=False)
    controls: Controls = field(init=False)
    messages: Messages = field(init=False)
    _answers: Answers = field(init=False)
    _intake: Intake = field(init=False)
    _recording: Recording = field(init=False)

    def __post_init__(self) -> None:
        """Begin without any answer on its way."""
        store = self.store
        self.options = Options(store=store, settings=self.settings, personas=self.personas)
        self._answers = answers = Answers(
            store=store,
            queue=self.queue,
            settings=self.settings,
            personas=self.personas,
            filters=self.filters,
            options=self.options,
            watch=self.watch,
        )
        allowance = Allowance(store=store, settings=self.settings, options=self.options)
        self._intake = intake = Intake(answers=answers, allowance=allowance)
        self._recording = Recording(store=store, answers=answers, intake=intake)
        self.controls = Controls(store=store, answers=answers, intake=intake)
        self.messages = Messages(
            store=store, answers=answers, intake=intake, controls=self.controls
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
        before: Sequence[Said] = (),
    ) -> Turn:
        """Record what somebody says; the answer comes through the bot's `deliver`.

        `persona` addresses somebody else than the place's persona for this turn only. What was
        taken in is answered: limits are checked before, here and wherever else people ask. What
        was said in one go `before` belongs to the question, each message as a turn of its own. A
        message that was asked already is not asked again: platforms repeat themselves.
        """
        await self.options.refresh()
        conversation = await self.store.conversation(place)
        bound = self._answers.binder.bind(persona or conversation.persona, place)
        text = await self._intake.ask(place, author, text, bound)
        earlier = [
            replace(each, text=await self._intake.text(place, each.author, each.text, bound))
            for each in before
        ]
        async with self._answers.locked(place):
            if known := await self._asked(place, message_id):
                return known
            conversation = await self.store.conversation(place)
            turn = await self.store.add(
                turns.question(
                    conversation,
                    author,
                    text,
                    await self._recording.add(conversation, earlier, asks=True),
                    persona=bound.reference if persona else "",
                    message_id=message_id,
                )
            )
            # Another process that answers here goes on with what was typed meanwhile.
            with contextlib.suppress(ConversationBusy):
                await self._answers.next(conversation)
        return turn

    async def record(self, place: Place, said: Sequence[Said]) -> int:
        """Add messages that nobody has to answer to the history, the oldest first.

        Those known by their ids are left out, and so is what was said before a reset, and what is
        empty, too long or refused by a filter. Returns how many were new.
        """
        return await self._recording.record(place, said)

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
        await self.controls.retry((await self._last_answer(place)).id)

    async def go_on(self, place: Place) -> None:
        """Continue the last answer where it was stopped or cut."""
        await self.controls.go_on((await self._last_answer(place)).id)

    async def edit(self, place: Place, author: Author, text: str, turn: str = "") -> Turn:
        """Say an earlier question (by default the last one) in other words and answer that."""
        await self.options.refresh()
        async with self._answers.quiet(place) as conversation:
            history = await self.store.history(conversation.id)
            asked = [each for each in history if each.role == "user" and turn in ("", each.id)]
            if not asked:
                raise NothingThere("There is no question to edit.", "Ask one first.")
            bound = self._answers.binder.bind(asked[-1].persona or conversation.persona, place)
            text = await self._intake.ask(place, author, text, bound)
            edited = await self.store.add(
                turns.question(
                    conversation, author, text, asked[-1].parent, persona=asked[-1].persona
                )
            )
            await self._answers.next(conversation)
        return edited

    async def undo(self, place: Place) -> Sequence[Turn]:
        """Take the last question and its answer out of the history; return them."""
        async with self._answers.quiet(place) as conversation:
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
        return await self.store.variants((await self._last_answer(place)).id)

    async def show_variant(self, place: Place, number: int) -> Turn:
        """Make variant `number`, from 1, of the last answer the history."""
        variants = await self.variants(place)
        if not 1 <= number <= len(variants):
            raise NothingThere(
                f"There is no variant {number}.", f"There are {len(variants)}, from 1."
            )
        return await self.controls.show(variants[number - 1].id)

    # --- the conversation as a whole --------------------------------------------------------

    async def current(self, place: Place) -> Bound:
        """Return who answers at a place."""
        await self.options.refresh()
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
        conversation = await self.store.begun(place)
        return await self.store.history(conversation.id) if conversation else ()

    async def tree(self, place: Place) -> Sequence[Turn]:
        """Return every turn at a place, variants included, oldest first."""
        conversation = await self.store.begun(place)
        return await self.store.tree(conversation.id) if conversation else ()

    async def everything(self, author: str) -> Belongings:
        """Return all that somebody said anywhere, the answers and what was counted, to export."""
        await self.options.refresh()
        return Belongings(
            turns=await self.store.everything(author),
            usage=await self.store.usage(*TALLY_KEYS, author=author),
            options=self.options.own(author),
        )

    async def move(self, place: Place, new: Place) -> None:
        """Go on under the new name that its platform has given a place, and all below it."""
        await self.store.move(place, new)
        await self.options.refresh()

    async def end(self, place: Place) -> Removed:
        """Delete all that was said and set at a place and below it, which the bot has left.

        What was counted there stays as the bot's.
        """
        await self._answers.stop_where(lambda on: place.key in on.reply.place.lineage)
        removed = await self.store.end(place)
        await self.options.refresh()
        return removed

    async def expire(self) -> int:
        """Delete the conversations that are older than is kept at their place; return how many."""
        return await expire(self.store, self.options)

    async def forget(self, author: str) -> int:
        """Delete all that somebody said and set, and the answers; return how many turns."""
        await self._answers.stop_where(lambda on: on.asking.asked_by(author))
        count = await self.store.forget(author)
        await self.options.refresh()
        return count

    # --- inside -----------------------------------------------------------------------------

    async def _asked(self, place: Place, message: str) -> Turn | None:
        found = await self.store.find(place, message) if message else ()
        here = (each.turn for each in found if each.conversation.place == place)
        return next((turn for turn in here if turn.asks), None)

    async def _last_answer(self, place: Place) -> Turn:
        conversation = await self.store.conversation(place)
        history = await self.store.history(conversation.id, limit=1)
        if conversation.id in self._answers.active and history[-1].role != "persona":
            raise ConversationBusy("An answer is on its way.", "Wait for it, or stop it.")
        if not history or history[-1].role != "persona":
            raise NothingThere("There is no answer yet.", "Ask something first.")
        return history[-1]
