"""Backends that answer without a model; for tests, never for people."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal

from madang.contract import (
    Capabilities,
    LoadProgress,
    Metrics,
    Model,
    Output,
    Prompt,
    Request,
    Sampling,
)
from madang.errors import ModelError, UnknownAdapter, nearest

DEFAULT_CONTEXT = 4096


@dataclass(frozen=True)
class Answer:
    """Hold one answer of a script and why it ended; an empty `reason` finds it out."""

    text: str
    reason: Literal["", "stop", "length"] = ""


class EchoBackend:
    """Answer with the last question, one character at a time; one character is one token.

    Honours stop strings and `max_new_tokens` and accepts every other sampling field, adapters
    that the model names, chat and completion. `answered` lists the requests as the worker handed
    them over, `closed` the ids of those that were cancelled.
    """

    def __init__(self, name: str = "echo", model: Model | None = None, *, slots: int = 4) -> None:
        self.name = name
        self.model = model or Model()
        self.slots = slots
        self.answered: list[Request] = []
        self.closed: list[str] = []
        self.loaded = False

    @property
    def capabilities(self) -> Capabilities:
        """Declare everything."""
        fields = frozenset(Sampling.__struct_fields__)
        return Capabilities(sampling=fields, adapters=True, slots=self.slots)

    @property
    def context(self) -> int:
        """Return the model's context, 4,096 characters where it names none."""
        return self.model.context or DEFAULT_CONTEXT

    @property
    def metrics(self) -> Metrics:
        """Count nothing."""
        return Metrics()

    async def load(self, progress: LoadProgress) -> None:
        """Report the beginning and the end of a load that does nothing."""
        if not self.loaded:
            progress(0.0)
            progress(1.0)
            self.loaded = True

    async def count(self, prompt: Prompt) -> int:
        """Count characters."""
        return len(prompt.text)

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Stream the answer, letting other tasks run after every character."""
        self.answered.append(request)
        self._check(request)
        answer = limited(self.answer(request), request.sampling)
        prompt_tokens = await self.count(request.prompt)
        finished = False
        try:
            for number, character in enumerate(answer.text, start=1):
                await self.tick(number)
                yield Output(text=character, prompt_tokens=prompt_tokens, output_tokens=number)
            finished = True
        finally:
            if not finished:
                self.closed.append(request.id)
        yield Output(
            reason=answer.reason, prompt_tokens=prompt_tokens, output_tokens=len(answer.text)
        )

    async def close(self) -> None:
        """Forget that it was loaded."""
        self.loaded = False

    def answer(self, request: Request) -> Answer:
        """Return the whole answer to a request, before stop strings and limits."""
        return Answer(last_question(request.prompt))

    async def tick(self, number: int) -> None:
        """Wait before character `number`, which counts from 1."""
        await asyncio.sleep(0)

    def _check(self, request: Request) -> None:
        if request.adapter and request.adapter not in self.model.adapters:
            raise UnknownAdapter(
                f"Model '{self.name}' has no adapter '{request.adapter}'.",
                nearest(request.adapter, self.model.adapters),
            )


class HeldBackend(EchoBackend):
    """Echo, but stop after `hold_after` characters until `go` is set; `held` tells when."""

    def __init__(
        self, name: str = "echo", model: Model | None = None, *, slots: int = 4, hold_after: int = 1
    ) -> None:
        super().__init__(name, model, slots=slots)
        self.hold_after = hold_after
        self.held = asyncio.Event()
        self.go = asyncio.Event()

    async def tick(self, number: int) -> None:
        """Wait for `go` before the first character past the hold."""
        await super().tick(number)
        if number == self.hold_after + 1:
            self.held.set()
            await self.go.wait()


class ScriptedBackend(EchoBackend):
    """Give the answers of a script in order; an exception in it is raised instead."""

    def __init__(
        self,
        name: str = "scripted",
        model: Model | None = None,
        *,
        answers: Sequence[str | Answer | Exception],
        slots: int = 1,
    ) -> None:
        super().__init__(name, model, slots=slots)
        self.script = list(answers)

    def answer(self, request: Request) -> Answer:
        """Take the next answer; `ModelError` when there is none left."""
        if not self.script:
            raise ModelError(
                f"The script of '{self.name}' has no answer left.", "Give it more answers."
            )
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer) if isinstance(answer, str) else answer


def last_question(prompt: Prompt) -> str:
    """Find what somebody said last: the last quoted part, else what a user said last."""
    quoted = [p.text for segment in prompt.segments for p in segment.parts if p.quoted]
    asked = [segment.text for segment in prompt.segments if segment.role == "user"]
    return next(iter([*quoted[-1:], *asked[-1:], prompt.text]))


def limited(answer: Answer, sampling: Sampling) -> Answer:
    """Cut an answer before the first stop string and at `max_new_tokens` characters."""
    found = [at for stop in sampling.stop if (at := answer.text.find(stop)) >= 0]
    text = answer.text[: min(found, default=None)]
    if len(text) > sampling.max_new_tokens:
        return Answer(text[: sampling.max_new_tokens], "length")
    return Answer(text, "stop" if found else answer.reason or "stop")
