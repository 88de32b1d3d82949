"""One pair of a question and its answer after another, from a passage to what is kept."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from msgspec import structs

from madang.contract import (
    ACCEPT,
    Draft,
    End,
    Problem,
    Progress,
    Prompt,
    Request,
    Turn,
    TurnState,
    Usage,
)
from madang.conversation import Bound, problem_of
from madang.conversation.asking import Asking
from madang.conversation.export import terms
from madang.errors import BadAnswer, MadangError, WorkerLost
from madang.generating.asker import Asker
from madang.generating.passages import Passage

_log = logging.getLogger(__name__)

BUSY_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Hold a question and its answer, and what they come from.

    `model` has the model's `name` in the profile and what there is to say of its licence.
    """

    question: str
    answer: str
    passage: Passage
    persona: str
    model: Mapping[str, str]


@dataclass(kw_only=True)
class Sampler:
    """Ask for one pair at a time; `cancel` ends the waiting, and `stop` what is generated."""

    asker: Asker
    cancel: asyncio.Event
    tell: Callable[[Progress], None]
    _conversation: str = field(default_factory=lambda: uuid.uuid4().hex)
    _request: str = ""
    _usage: Usage = field(default_factory=Usage)

    async def stop(self) -> None:
        """End what is being generated."""
        if self._request:
            await self.asker.yard.queue.cancel(self._request)

    async def pair(self, passage: Passage, number: int) -> Pair | Problem | None:
        """Return sample `number`, from 0, of a passage, or why there is none; None if cancelled."""
        try:
            return await self._pair(await self.asker.bound(), passage, number)
        except MadangError as error:
            return problem_of(error)
        except Exception:  # noqa: BLE001 - judges and filters are strangers' code; a bug ends one job
            name = self.asker.persona
            _log.exception("making questions as %s failed", name)
            return Problem("internal", f"Answering as '{name}' failed.", "See the log.")

    async def _pair(self, bound: Bound, passage: Passage, number: int) -> Pair | Problem | None:
        passage = replace(passage, text=await self.asker.admitted(bound, passage.text))
        try:
            raw = await self._accepted(self._asking(bound, passage, number))
        finally:
            used, self._usage = self._usage, Usage()
            await self.asker.count(bound, used)
        if not isinstance(raw, str):
            return raw
        return self._parsed(await self.asker.shown(bound, raw), bound, passage)

    async def _accepted(self, asking: Asking) -> str | Problem | None:
        """Return the first raw answer that the judge accepts."""
        form = asking.bound.form
        question, prompt = asking.prompt()
        attempts, why = form.attempts if form.judge else 1, ""
        for attempt in range(1, attempts + 1):
            end = await self._end(asking, prompt, attempt)
            if end is None or end.reason == "cancelled":
                return None
            if end.problem:
                return end.problem
            draft = Draft(raw=end.text, reason=end.reason, question=question)
            verdict = form.judge(draft) if form.judge else ACCEPT
            if verdict.accepted:
                return end.text
            why = verdict.why
        raise BadAnswer(
            f"{self.asker.persona} gave no usable answer in {attempts} tries: {why}",
            "Try other passages, or bind the persona to a larger model.",
        )

    async def _end(self, asking: Asking, prompt: Prompt, attempt: int) -> End | None:
        """Return how one try ended; None where it was cancelled before it was admitted."""
        try:
            request = await self._submitted(asking, prompt, attempt)
            if request is None:
                return None
            if self.cancel.is_set():
                await self.stop()
            return await self._followed(request)
        except asyncio.CancelledError:
            await self.stop()
            raise
        finally:
            self._request = ""

    async def _submitted(self, asking: Asking, prompt: Prompt, attempt: int) -> Request | None:
        """Wait until the queue has room, since a long job has time."""
        while not self.cancel.is_set():
            request = asking.request(prompt, attempt)
            # Under a name of its own a job leaves its author's places in the queue to chat.
            request = structs.replace(request, user=f"{request.user} documents")
            self._request = request.id
            admission = (await self.asker.yard.queue.submit(request)).admission
            if admission == "ok":
                return request
            if admission == "no_worker":
                raise WorkerLost(
                    f"No worker serves the model '{request.model}'.",
                    "Start one, or bind the persona to another model.",
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.cancel.wait(), BUSY_SECONDS)
        return None

    async def _followed(self, request: Request) -> End | None:
        async for event in self.asker.yard.queue.events(request.id):
            if isinstance(event, Progress):
                self.tell(event)
            elif isinstance(event, End):
                used, more = self._usage, event.usage
                self._usage = Usage(
                    prompt=used.prompt + more.prompt,
                    output=used.output + more.output,
                    cached=used.cached + more.cached,
                )
                return event
        return None

    def _asking(self, bound: Bound, passage: Passage, number: int) -> Asking:
        """Make the question and the answer that an `Asking` is about; nobody stores them."""
        asked = Turn(
            id=uuid.uuid4().hex,
            parent=None,
            conversation=self._conversation,
            role="user",
            author=self.asker.author,
            created=time.time(),
            raw=passage.text,
        )
        return Asking(
            bound=bound,
            turn=structs.replace(
                asked, id=uuid.uuid4().hex, role="persona", raw="", state=TurnState.PENDING
            ),
            history=[asked],
            titles={},
            # Each try of each sample draws with a seed of its own.
            variant=number * bound.form.attempts,
            limits=self.asker.yard.settings.limits,
        )

    def _parsed(self, text: str, bound: Bound, passage: Passage) -> Pair:
        _, _, rest = text.partition("[[Q]]")
        question, _, answer = (part.strip() for part in rest.partition("[[A]]"))
        if not question or not answer:
            raise BadAnswer(
                f"{self.asker.persona} wrote no pair of [[Q]] and [[A]].",
                "Choose a persona that does, such as qa_generator.",
            )
        name = bound.binding.model
        model = {"name": name, **terms(self.asker.yard.settings.models.get(name))}
        return Pair(
            question=question,
            answer=answer,
            passage=passage,
            persona=bound.reference,
            model=model,
        )
