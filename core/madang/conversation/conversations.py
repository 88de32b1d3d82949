"""What people can do with a conversation; bots call nothing else."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from weakref import WeakValueDictionary

from madang.contract import (
    Author,
    Conversation,
    PersonaSource,
    Place,
    Queue,
    Store,
    Turn,
    TurnState,
)
from madang.conversation.answering import Answering
from madang.conversation.binding import Binder, Bound
from madang.conversation.message import clean_message
from madang.conversation.reply import Reply
from madang.errors import ConversationBusy, MadangError, NothingThere, Refused
from madang.filters import FilterChain
from madang.settings import Settings

_log = logging.getLogger(__name__)

Deliver = Callable[[Reply], Awaitable[None]]
"""A bot's way to show a reply; it runs in a task of its own beside the answer."""


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
    _bots: dict[str, Deliver] = field(default_factory=dict)
    _active: dict[str, Answering] = field(default_factory=dict)
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _closing: bool = False

    @property
    def binder(self) -> Binder:
        """Look up who answers where."""
        return Binder(self.settings, self.personas)

    # --- a bot comes and goes ---------------------------------------------------------------

    async def open(self, bot: str, deliver: Deliver, *, place: Place | None = None) -> int:
        """Begin to deliver to a bot, and answer what a dead process left unanswered.

        With `place`, only that place is taken over. Returns how many answers were taken up.
        """
        self._bots[bot] = deliver
        left = await self.store.adopt(bot, place)
        for conversation in left:
            await self._answer_waiting(conversation, resumed=True)
        return len(left)

    async def close(self) -> None:
        """Stop every answer, keeping the text so far, and wait until all are written down."""
        self._closing = True
        for answering in list(self._active.values()):
            await answering.stop()
        await self.settled()

    async def settled(self) -> None:
        """Wait until no answer is on its way and every reply was delivered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

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

        `persona` addresses somebody else than the place's persona for this turn only.
        """
        text = clean_message(text, self.settings().limits.message_characters)
        conversation = await self.store.conversation(place)
        bound = self.binder.bind(persona or conversation.persona, place)
        decision = await self._filters(bound).incoming(text, author, place)
        if decision.refused:
            raise Refused(decision.refused, "Say it in other words.")
        async with self._locked(place):
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
            await self._answer_next(conversation)
        return turn

    async def stop(self, place: Place) -> bool:
        """Stop the answer on its way, keeping the text so far; False when there is none."""
        conversation = await self.store.conversation(place)
        answering = self._active.get(conversation.id)
        if answering is None:
            return False
        await answering.stop()
        return True

    async def retry(self, place: Place) -> None:
        """Answer the last question once more; the new variant is the history from now on."""
        async with self._quiet(place) as conversation:
            answer = await self._last_answer(conversation)
            await self._start(conversation, answer.persona, parent=answer.parent)

    async def go_on(self, place: Place) -> None:
        """Continue the last answer where it was stopped or cut."""
        async with self._quiet(place) as conversation:
            answer = await self._last_answer(conversation)
            if self.binder.bind(answer.persona, place).form.judge or not answer.raw:
                raise NothingThere("There is nothing to continue.", "Ask for another try instead.")
            await self.store.update(answer.id, state=TurnState.PENDING)
            await self._start(conversation, answer.persona, pending=answer)

    async def edit(self, place: Place, author: Author, text: str, turn: str = "") -> Turn:
        """Say an earlier question (by default the last one) in other words and answer that."""
        text = clean_message(text, self.settings().limits.message_characters)
        async with self._quiet(place) as conversation:
            history = await self.store.history(conversation.id)
            asked = [each for each in history if each.role == "user" and turn in ("", each.id)]
            if not asked:
                raise NothingThere("There is no question to edit.", "Ask one first.")
            bound = self.binder.bind(asked[-1].persona or conversation.persona, place)
            decision = await self._filters(bound).incoming(text, author, place)
            if decision.refused:
                raise Refused(decision.refused, "Say it in other words.")
            edited = await self._add_user_turn(
                conversation, author, decision.text, asked[-1].parent, persona=asked[-1].persona
            )
            await self._answer_next(conversation)
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
        return self.binder.bind(conversation.persona, place)

    async def use(self, place: Place, reference: str) -> Bound:
        """Let another persona, `NAME` or `NAME:MODE`, answer at a place from now on."""
        bound = self.binder.bind(reference, place)
        conversation = await self.store.conversation(place)
        await self.store.bind(conversation.id, bound.reference)
        return bound

    async def reset(self, place: Place) -> None:
        """Begin a new conversation; the persona stays, the old turns are no longer seen."""
        await self.stop(place)
        async with self._locked(place):
            await self.store.reset(place)

    async def history(self, place: Place) -> Sequence[Turn]:
        """Return the chosen turns at a place, oldest first."""
        conversation = await self.store.conversation(place)
        return await self.store.history(conversation.id)

    async def tree(self, place: Place) -> Sequence[Turn]:
        """Return every turn at a place, variants included, oldest first."""
        conversation = await self.store.conversation(place)
        return await self.store.tree(conversation.id)

    async def everything(self, author: str) -> Sequence[Turn]:
        """Return all that somebody said anywhere, and the answers, to hand over."""
        return await self.store.everything(author)

    async def forget(self, author: str) -> int:
        """Delete all that somebody said anywhere, and the answers; return how many turns."""
        await asyncio.gather(
            *(each.stop() for each in self._active.values() if each.asked_by(author))
        )
        await asyncio.gather(
            *(each.ended.wait() for each in self._active.values() if each.asked_by(author))
        )
        return await self.store.forget(author)

    # --- inside -----------------------------------------------------------------------------

    def _locked(self, place: Place) -> asyncio.Lock:
        return self._locks.setdefault(place.key, asyncio.Lock())

    @contextlib.asynccontextmanager
    async def _quiet(self, place: Place) -> AsyncIterator[Conversation]:
        """Hold a place that has no answer on its way."""
        async with self._locked(place):
            conversation = await self.store.conversation(place)
            if conversation.id in self._active:
                raise ConversationBusy("An answer is on its way.", "Wait for it, or stop it.")
            yield conversation

    def _filters(self, bound: Bound) -> FilterChain:
        return self.filters((*bound.place.filters, *bound.persona.filters))

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

    async def _answer_next(self, conversation: Conversation, *, resumed: bool = False) -> None:
        """Start the answer that the last turn waits for, if it waits for one."""
        if conversation.id in self._active:
            return
        history = await self.store.history(conversation.id)
        pending = [turn for turn in history if turn.state is TurnState.PENDING]
        if resumed and pending:
            await self._start(conversation, pending[0].persona, pending=pending[0], resumed=True)
        elif history and history[-1].role == "user":
            last = history[-1]
            reference = last.persona or conversation.persona
            await self._start(conversation, reference, parent=last.id, resumed=resumed)

    async def _start(
        self,
        conversation: Conversation,
        reference: str,
        *,
        parent: str | None = None,
        pending: Turn | None = None,
        resumed: bool = False,
    ) -> None:
        bound = self.binder.bind(reference, conversation.place)
        turn = pending or await self.store.add(_pending_turn(conversation, bound, parent))
        reply = Reply(
            place=conversation.place,
            turn=turn,
            persona=bound.persona,
            notice=await self._notice(conversation, bound),
            resumed=resumed,
        )
        history = await self.store.history(conversation.id)
        settings = self.settings()
        answering = Answering(
            bound=bound,
            reply=reply,
            history=list(takewhile(lambda each: each.id != turn.id, history)),
            titles=self._titles(bound.place.locale),
            variant=len(await self.store.variants(turn.id)) - 1,
            store=self.store,
            queue=self.queue,
            filters=self._filters(bound),
            wait_seconds=settings.limits.wait_seconds,
            prompt_bytes=settings.limits.prompt_bytes,
        )
        self._active[conversation.id] = answering
        self._spawn(self._run(conversation, answering))
        self._spawn(self._deliver(reply))

    async def _run(self, conversation: Conversation, answering: Answering) -> None:
        try:
            await answering.run()
        finally:
            del self._active[conversation.id]
            answering.ended.set()
        if not self._closing:
            await self._answer_waiting(conversation)

    async def _answer_waiting(self, conversation: Conversation, *, resumed: bool = False) -> None:
        """Answer what was typed meanwhile; nobody waits for this call, so errors are logged."""
        try:
            async with self._locked(conversation.place):
                await self._answer_next(conversation, resumed=resumed)
        except MadangError as error:
            _log.warning("nobody answers at %s: %s", conversation.place.key, error)

    async def _deliver(self, reply: Reply) -> None:
        deliver = self._bots.get(reply.place.bot)
        if deliver is None:
            return
        try:
            await deliver(reply)
        except Exception:  # noqa: BLE001 - the answer is in the store, and other replies go on
            _log.exception("%s could not show an answer", reply.place.key)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _titles(self, locale: str) -> Mapping[str, str]:
        return {name: source.current().text(locale).title for name, source in self.personas.items()}

    async def _notice(self, conversation: Conversation, bound: Bound) -> str:
        notice = bound.persona.text(bound.place.locale).notice
        if notice and await self.store.notice(conversation.id, bound.persona.name):
            return notice
        return ""


def _pending_turn(conversation: Conversation, bound: Bound, parent: str | None) -> Turn:
    return Turn(
        id=uuid.uuid4().hex,
        parent=parent,
        conversation=conversation.id,
        role="persona",
        author=Author(id=f"persona:{bound.persona.name}", name=bound.persona.name),
        created=time.time(),
        persona=bound.reference,
        state=TurnState.PENDING,
    )
