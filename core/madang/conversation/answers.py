"""The answers on their way: which conversation has one, who shows it, and what comes next."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from weakref import WeakValueDictionary

from madang.contract import (
    Conversation,
    PersonaSource,
    Place,
    Queue,
    Store,
    Turn,
    TurnState,
)
from madang.conversation import turns
from madang.conversation.answering import Answering
from madang.conversation.asking import Asking
from madang.conversation.binding import Binder, Bound
from madang.conversation.options import Options
from madang.conversation.reply import Reply
from madang.conversation.showing import Deliver, Showing, is_first
from madang.errors import ConversationBusy, MadangError, UnknownPersona
from madang.filters import FilterChain
from madang.marks import marked
from madang.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Answers:
    """Start answers, one at a time in a conversation, and hand each to the bot of its place.

    `watch` follows every answer too, for whoever counts them.
    """

    store: Store
    queue: Queue
    settings: Callable[[], Settings]
    personas: Mapping[str, PersonaSource]
    filters: Callable[[Sequence[str]], FilterChain]
    options: Options
    watch: Deliver | None = None
    active: dict[str, Answering] = field(default_factory=dict)
    showing: Showing = field(init=False)
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _closing: bool = False

    def __post_init__(self) -> None:
        """Begin without a bot."""
        self.showing = Showing(store=self.store, personas=self.personas, options=self.options)

    @property
    def binder(self) -> Binder:
        """Look up who answers where."""
        return Binder(self.settings, self.personas, self.options.place)

    def locked(self, place: Place) -> asyncio.Lock:
        """Return the lock under which the turns of a place change."""
        return self._locks.setdefault(place.key, asyncio.Lock())

    @contextlib.asynccontextmanager
    async def quiet(self, place: Place) -> AsyncIterator[Conversation]:
        """Hold a place that has no answer on its way."""
        async with self.locked(place):
            conversation = await self.store.conversation(place)
            if conversation.id in self.active:
                raise ConversationBusy("An answer is on its way.", "Wait for it, or stop it.")
            yield conversation

    def filters_of(self, bound: Bound) -> FilterChain:
        """Return the filters of a place and of who answers there."""
        return self.filters((*bound.place.filters, *bound.persona.filters))

    async def open(self, bot: str, deliver: Deliver, place: Place | None) -> int:
        """Begin to deliver to a bot, and take up what a dead process left unanswered or unshown."""
        self.showing.begin(bot, deliver)
        await self.options.refresh()
        unshown = await self.store.unshown(bot, place)
        for found in unshown:
            with contextlib.suppress(UnknownPersona):
                reply = await self.showing.ended(found, found.turn.message_ids, resumed=True)
                self._spawn(reply, self.showing.deliver)
        left = await self.store.adopt(bot, place)
        for conversation in left:
            await self._next_waiting(conversation, resumed=True)
        return len(left) + len(unshown)

    async def close(self) -> None:
        """Stop every answer, keeping the text so far, and wait until all are written down.

        One of which there is no word yet stays pending: the next process gives it.
        """
        self._closing = True
        for answering in list(self.active.values()):
            if answering.reply.latest.text:
                await answering.stop()
            else:
                answering.leave()
        await self.settled()

    async def settled(self) -> None:
        """Wait until no answer is on its way and every reply was delivered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop_where(self, wanted: Callable[[Answering], bool]) -> bool:
        """Stop every answer that is wanted, and wait until these have ended."""
        stopped = False
        # What was typed meanwhile is asked next, so there may be more when these have ended.
        while found := [each for each in self.active.values() if wanted(each)]:
            stopped = True
            for answering in found:
                await answering.stop()
            for answering in found:
                await answering.ended.wait()
        return stopped

    async def halt(self, conversation: str, wanted: Callable[[Answering], bool]) -> bool:
        """Stop the answer on its way in a conversation whose place is locked, if it is wanted.

        It has ended then; what was typed meanwhile is asked once the place is let go.
        """
        answering = self.active.get(conversation)
        if answering is None or not wanted(answering):
            return False
        await answering.stop()
        await answering.reply.final()
        return True

    async def next(
        self,
        conversation: Conversation,
        *,
        resumed: bool = False,
        message_ids: tuple[str, ...] = (),
    ) -> None:
        """Start the answer that the last turns wait for, if they wait for one.

        It is shown as the messages that are given, when it takes the place of another.
        """
        if conversation.id in self.active:
            return
        history = await self.store.history(conversation.id)
        pending = [turn for turn in history if turn.state is TurnState.PENDING]
        if resumed and pending:
            await self.start(conversation, pending[0].persona, pending=pending[0], resumed=True)
            return
        said = takewhile(lambda turn: turn.role == "user", reversed(history))
        asked = next((turn for turn in said if turn.asks), None)
        if asked:
            await self.start(
                conversation,
                asked.persona or conversation.persona,
                parent=history[-1].id,
                resumed=resumed,
                message_ids=message_ids,
            )

    async def start(
        self,
        conversation: Conversation,
        reference: str,
        *,
        parent: str | None = None,
        pending: Turn | None = None,
        resumed: bool = False,
        message_ids: tuple[str, ...] = (),
    ) -> None:
        """Start an answer to the turn `parent`, or go on with a `pending` one."""
        turn = pending
        try:
            await self.options.refresh()
            bound = self.binder.bind(reference, conversation.place)
            filters = self.filters_of(bound)
            turn = pending or await self.store.add(
                turns.pending(conversation, bound, parent, message_ids)
            )
            again = pending is not None and not resumed
            answering = await self._answering(conversation, bound, turn, filters, resumed)
            if not again:
                # The same after a restart of the bot: what the queue still has of it is found.
                answering.asking.nonce = turn.id
        except MadangError as error:
            # A turn that stays pending would keep everybody else from answering.
            if turn:
                with contextlib.suppress(MadangError):
                    await self.store.update(turn.id, state=TurnState.FAILED, problem=error.code)
            raise
        if self._closing:
            return
        self.active[conversation.id] = answering
        self._spawn(answering.reply, lambda reply: self._run(conversation, answering), answering)
        self._spawn(answering.reply, self.showing.deliver, answering)
        if self.watch:
            self._spawn(answering.reply, self.watch, answering)

    async def _answering(
        self,
        conversation: Conversation,
        bound: Bound,
        turn: Turn,
        filters: FilterChain,
        resumed: bool,
    ) -> Answering:
        history = await self.store.history(conversation.id)
        settings = self.settings()
        asking = Asking(
            bound=bound,
            turn=turn,
            history=list(takewhile(lambda each: each.id != turn.id, history)),
            titles=self._titles(bound.place.locale),
            variant=len(await self.store.variants(turn.id)) - 1,
            limits=settings.limits,
        )
        return Answering(
            asking=asking,
            reply=Reply(
                place=conversation.place,
                turn=turn,
                persona=bound.persona,
                notice=await self._notice(conversation, asking, history),
                resumed=resumed,
            ),
            writer=_writer(turn, bound, settings),
            store=self.store,
            queue=self.queue,
            filters=filters,
        )

    async def _run(self, conversation: Conversation, answering: Answering) -> None:
        try:
            try:
                await answering.run()
            finally:
                # At once: by its end the next answer may stand here.
                del self.active[conversation.id]
            if not self._closing:
                await self._next_waiting(conversation)
        finally:
            answering.ended.set()

    async def _next_waiting(self, conversation: Conversation, *, resumed: bool = False) -> None:
        """Answer what was typed meanwhile; nobody waits for this call, so errors are logged."""
        try:
            async with self.locked(conversation.place):
                current = await self.store.conversation(conversation.place)
                if current.id == conversation.id:
                    await self.next(current, resumed=resumed)
        except MadangError as error:
            _log.warning("nobody answers at %s: %s", conversation.place.key, error)

    def _spawn(self, reply: Reply, work: Deliver, answering: Answering | None = None) -> None:
        task = asyncio.create_task(_about(reply, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if answering is not None:
            answering.tasks.append(task)

    def _titles(self, locale: str) -> Mapping[str, str]:
        return {name: source.current().text(locale).title for name, source in self.personas.items()}

    async def _notice(
        self, conversation: Conversation, asking: Asking, history: Sequence[Turn]
    ) -> str:
        persona = asking.bound.persona
        locale = self.options.locale(conversation.place, asking.author.id)
        notice = persona.text(locale).notice
        if not notice:
            return ""
        first = await self.store.notice(conversation.id, persona.name)
        return notice if first or is_first(asking.turn, history) else ""


async def _about(reply: Reply, work: Deliver) -> None:
    """Do what a reply needs, and have its log say which one it is about."""
    turn = reply.turn
    with marked(
        bot=reply.place.bot, conversation=turn.conversation, turn=turn.id, model=turn.model
    ):
        await work(reply)


def _writer(turn: Turn, bound: Bound, settings: Settings) -> str:
    """Name the model to keep with an answer that is gone on with.

    It is the one that goes on, unless a restricted one wrote the beginning: its terms hold for
    the whole.
    """
    before = settings.models.get(turn.model)
    begun = turn.raw and before is not None and before.restriction
    return turn.model if begun else bound.binding.model
