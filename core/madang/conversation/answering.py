"""One answer, from the question to the final text: steps 3 to 7 of a turn."""

import asyncio
import logging
import time
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

import msgspec

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
    Request,
    Sampling,
    Store,
    Turn,
    TurnState,
    Verdict,
)
from madang.conversation.binding import Bound
from madang.conversation.reply import Reply, Update
from madang.errors import BadAnswer, MadangError, QueueBusy, Refused, WorkerLost
from madang.filters import FilterChain
from madang.persona import heard, render
from madang.window import cut

_log = logging.getLogger(__name__)

RETRY_TEMPERATURE = 0.7
"""A greedy form says the same thing every time: another try draws at this temperature."""


@dataclass(kw_only=True)
class Answering:
    """Ask for one answer and follow it; `stop()` may be called at any time from outside."""

    bound: Bound
    reply: Reply
    writer: str
    history: Sequence[Turn]
    titles: Mapping[str, str]
    variant: int
    store: Store
    queue: Queue
    filters: FilterChain
    wait_seconds: float
    prompt_bytes: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    nonce: str = field(default_factory=lambda: uuid.uuid4().hex)
    _raw: str = ""
    _longest: int = 0
    _reason: FinishReason = "stop"
    _attempt: int = 1
    _request: str = ""
    _stopped: bool = False
    _problem: Problem | None = field(default=None)

    def __post_init__(self) -> None:
        """Begin with the text of an answer that is gone on with."""
        self._raw = self.reply.turn.raw

    def asked_by(self, author: str) -> bool:
        """Say whether somebody said any of what is being answered."""
        asked = takewhile(lambda turn: turn.role == "user", reversed(self.history))
        return any(turn.author.id == author for turn in asked)

    async def stop(self) -> None:
        """Stop generating; the text so far stays."""
        self._stopped = True
        if self._request:
            await self.queue.cancel(self._request)

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
        question, prompt = self._prompt()
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

    def _prompt(self) -> tuple[str, Prompt]:
        form = self.bound.form
        exchanges, question = heard(
            self.history,
            self.bound.persona.name,
            self.titles,
            history=form.history,
        )
        sizes = [len(f"{each.question}{each.answer}".encode()) for each in exchanges]
        room = max(self.prompt_bytes - len(question.encode()), 0)
        dropped = cut(sizes, room, max(self.prompt_bytes // 4, 1))
        prompt = render(
            form,
            options=self.bound.options,
            exchanges=exchanges[dropped:],
            question=question,
            turn=self.reply.turn.id,
            prefix=self.reply.turn.raw,
        )
        return question, prompt

    async def _generate(self, prompt: Prompt) -> None:
        request = self._make_request(prompt)
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

    def _make_request(self, prompt: Prompt) -> Request:
        turn = self.reply.turn
        name = f"{turn.id}-{len(turn.raw)}-{self._attempt}"
        return Request(
            id=name,
            nonce=self.nonce,
            conversation=turn.conversation,
            user=self._asker,
            model=self.bound.binding.model,
            adapter=self.bound.binding.adapter,
            prompt=prompt,
            sampling=self._sampling(name),
            deadline=time.time() + self.wait_seconds,
        )

    @property
    def _asker(self) -> str:
        asked = (each.author.id for each in reversed(self.history) if each.role == "user")
        return next(asked, "")

    def _sampling(self, request: str) -> Sampling:
        sampling = self.bound.sampling
        again = self.variant + self._attempt - 1
        seed = zlib.crc32(request.encode()) if sampling.seed is None else sampling.seed + again
        temperature = sampling.temperature
        if again and temperature == 0:
            temperature = RETRY_TEMPERATURE
        return msgspec.structs.replace(sampling, seed=seed, temperature=temperature)

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
        try:
            await self.store.update(
                self.reply.turn.id,
                raw=self._raw,
                shown=shown,
                state=state,
                problem=self._problem.code if self._problem else "",
                model=self.writer,
            )
        except MadangError as error:
            # The disk is full, say: the person still gets the text, and is told.
            self._problem, state = problem_of(error), TurnState.FAILED
        cut = self._reason == "length" and self._problem is None
        self._push(Update(text=shown, state=state, problem=self._problem, cut=cut))

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
