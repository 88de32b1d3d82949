"""One answer, from the question to the final text: steps 3 to 7 of a turn."""

import asyncio
import logging
import time
from dataclasses import dataclass, field, replace

from madang.contract import (
    ACCEPT,
    Draft,
    End,
    Event,
    FinishReason,
    Piece,
    Problem,
    Progress,
    Prompt,
    Queue,
    Store,
    Tally,
    TurnState,
    Usage,
    Verdict,
)
from madang.contract.tally import day_of
from madang.conversation.asking import Asking
from madang.conversation.binding import Bound
from madang.conversation.reply import Reply, Update
from madang.errors import BadAnswer, MadangError, QueueBusy, Refused, WorkerLost
from madang.filters import FilterChain

_log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Answering:
    """Ask for one answer and follow it; `stop()` may be called at any time from outside.

    `tasks` are all that work for it.
    """

    asking: Asking
    reply: Reply
    writer: str
    store: Store
    queue: Queue
    filters: FilterChain
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _raw: str = ""
    _longest: int = 0
    _reason: FinishReason = "stop"
    _attempt: int = 1
    _request: str = ""
    _stopped: bool = False
    _problem: Problem | None = field(default=None)
    _usage: Usage = field(default_factory=Usage)
    _generated: bool = False

    def __post_init__(self) -> None:
        """Begin with the text of an answer that is gone on with."""
        self._raw = self.reply.turn.raw

    @property
    def bound(self) -> Bound:
        """Return who answers, and how."""
        return self.asking.bound

    async def stop(self) -> None:
        """Stop generating; the text so far stays."""
        self._stopped = True
        if self._request:
            await self.queue.cancel(self._request)

    def leave(self) -> None:
        """Let go of the answer as it is: whoever opens the store next goes on with it."""
        for task in self.tasks:
            task.cancel()

    async def run(self) -> None:
        """Answer, and leave the turn and the reply in their final state whatever happens."""
        try:
            await self._try_until_accepted()
        except MadangError as error:
            self._problem = problem_of(error)
        except Exception:  # noqa: BLE001 - personas and filters are strangers' code; a bug ends one answer
            self._note_bug()
            await self.stop()
        await self._close()

    async def _try_until_accepted(self) -> None:
        question, prompt = self.asking.prompt()
        attempts = self.bound.form.attempts if self.bound.form.judge else 1
        verdict = ACCEPT
        for self._attempt in range(1, attempts + 1):
            await self._generate(prompt)
            if self._problem or self._reason == "cancelled" or self._stopped:
                return
            verdict = self._judge(question)
            if verdict.accepted:
                return
        raise BadAnswer(
            f"{self.bound.persona.name} gave no usable answer in {attempts} tries: {verdict.why}",
            "Try again, shorten the text, or bind the persona to a larger model.",
        )

    async def _generate(self, prompt: Prompt) -> None:
        request = self.asking.request(prompt, self._attempt)
        self._request = request.id
        self._raw = prefix = self.reply.turn.raw
        self._longest = len(prefix)
        submitted = await self.queue.submit(request)
        if submitted.admission != "ok":
            raise _refusal(submitted.admission)
        if self._stopped:
            await self.queue.cancel(request.id)
        self._waiting(Progress(request=request.id, phase="queued", position=submitted.position))
        async for event in self.queue.events(request.id):
            await self._follow(event, prefix)

    async def _follow(self, event: Event, prefix: str) -> None:
        match event:
            case Progress():
                self._waiting(event)
            case Piece():
                # A second delivery starts over at offset 0; what is shown stays until it is longer.
                self._raw = self._raw[: len(prefix) + event.offset] + event.text
                if len(self._raw) > self._longest:
                    self._longest = len(self._raw)
                    await self._show_so_far()
            case End():
                self._raw = prefix + event.text
                self._reason = event.reason
                self._problem = event.problem
                self._usage = _sum(self._usage, event.usage)
                self._generated |= bool(event.text or event.usage != Usage())

    def _judge(self, question: str) -> Verdict:
        judge = self.bound.form.judge
        if judge is None:
            return ACCEPT
        return judge(Draft(raw=self._raw, reason=self._reason, question=question))

    @property
    def _buffered(self) -> bool:
        return self.bound.form.judge is not None or not self.filters.streams

    def _waiting(self, progress: Progress) -> None:
        self._push(replace(self.reply.latest, progress=progress))

    async def _show_so_far(self) -> None:
        if self._buffered:
            progress = Progress(request=self._request, phase="generating")
            self._waiting(progress)
            return
        shown = self.bound.form.polished(self._raw, final=False)
        decision = await self.filters.outgoing(shown, self.reply.place, final=False)
        if decision.refused:
            await self.stop()
        else:
            self._push(replace(self.reply.latest, text=decision.text, progress=None))

    def _push(self, update: Update) -> None:
        attempts = self.bound.form.attempts if self.bound.form.judge else 1
        self.reply.push(replace(update, attempt=self._attempt, attempts=attempts))

    async def _close(self) -> None:
        try:
            shown = await self._final_text()
        except Exception:  # noqa: BLE001 - a filter is strangers' code too; unfiltered nothing is shown
            self._note_bug()
            shown = ""
        state = self._final_state()
        cut = self._reason == "length" and self._problem is None
        try:
            await self.store.update(
                self.reply.turn.id,
                raw=self._raw,
                shown=shown,
                state=state,
                problem=self._problem.code if self._problem else "",
                model=self.writer,
                cut=cut,
                spent=self._spent(state),
            )
        except MadangError as error:
            # The disk is full, say: the person still gets the text, and is told.
            self._problem, state = problem_of(error), TurnState.FAILED
            cut = False
        self._push(
            Update(text=shown, state=state, problem=self._problem, cut=cut, usage=self._usage)
        )

    def _spent(self, state: TurnState) -> Tally | None:
        """Say what to count; nothing where no model came to generate.

        However often a judge had it asked again, the person asked once. Its tokens count each time.
        """
        if state is not TurnState.COMPLETE and not self._generated:
            return None
        return Tally(
            day=day_of(time.time()),
            place=self.reply.place.key,
            author=self.asking.author,
            persona=self.bound.persona.name,
            model=self.bound.binding.model,
            requests=1,
            prompt=self._usage.prompt,
            output=self._usage.output,
            cached=self._usage.cached,
        )

    async def _final_text(self) -> str:
        if self._withheld:
            return ""
        shown = self._polished_at_last()
        decision = await self.filters.outgoing(shown, self.reply.place, final=True)
        if decision.refused:
            self._problem = problem_of(Refused(decision.refused))
            return ""
        return decision.text

    @property
    def _withheld(self) -> bool:
        """Say whether the raw text is a draft that nobody accepted."""
        if self.bound.form.judge is not None:
            return self._final_state() is not TurnState.COMPLETE
        return self._problem is not None and self._buffered

    def _polished_at_last(self) -> str:
        try:
            return self.bound.form.polished(self._raw, final=True)
        except Exception:  # noqa: BLE001 - as above; the raw text is better than none
            self._note_bug()
            return self._raw

    def _note_bug(self) -> None:
        name = self.bound.persona.name
        _log.exception("answering as %s failed", name)
        self._problem = Problem("internal", f"Answering as '{name}' failed.", "See the log.")

    def _final_state(self) -> TurnState:
        if self._problem:
            return TurnState.FAILED
        stopped = self._stopped or self._reason == "cancelled"
        return TurnState.STOPPED if stopped else TurnState.COMPLETE


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        prompt=one.prompt + other.prompt,
        output=one.output + other.output,
        cached=one.cached + other.cached,
    )


def problem_of(error: MadangError) -> Problem:
    """Word an error as what crosses process borders."""
    return Problem(code=error.code, message=error.message, hint=error.hint)


def _refusal(admission: str) -> MadangError:
    if admission == "no_worker":
        return WorkerLost(
            "No worker serves this model.",
            "Bind the persona to another model; `madang doctor` says why.",
        )
    if admission == "conversation_busy":
        return QueueBusy("An answer is already on its way here.", "Wait for it, or stop it.")
    return QueueBusy("Too many questions are waiting.", "Try again in a moment.")
