"""One request on its way through a backend."""

import asyncio
import contextlib
import logging
from typing import Literal

from msgspec.structs import replace

from madang.contract import Backend, End, FinishReason, Job, Output, Problem, Request, Usage
from madang.errors import MadangError, ModelError
from madang.worker.outbox import Outbox
from madang.worker.pool import Pool
from madang.worker.window import answer_room, fit, fit_within

logger = logging.getLogger("madang.worker")

Stop = Literal["cancelled", "lost", "release"]


class Answer:
    """Generate the answer to one job, until it ends or is stopped.

    It is stopped when people cancelled it, when it was lost to another worker, or to be released
    since this worker leaves; only the first of these has an `End`.
    """

    def __init__(self, job: Job, pool: Pool, outbox: Outbox) -> None:
        self.job = job
        self.stopped: Stop | None = None
        self._pool = pool
        self._outbox = outbox
        self._text = ""
        self._reason: FinishReason | None = None
        self._usage = Usage()
        self._work: asyncio.Task[None] | None = None

    def stop(self, why: Stop) -> None:
        """Have the backend stop at the next token; the first reason counts."""
        if self.stopped is None:
            self.stopped = why
            if self._work is not None:
                self._work.cancel()

    async def run(self) -> End | None:
        """Generate and say how it ended, None when that is not for this worker to say."""
        self._work = asyncio.create_task(self._generate())
        if self.stopped is not None:
            self._work.cancel()
        try:
            await asyncio.wait({self._work})
        finally:
            self._work.cancel()
            await asyncio.wait({self._work})
            self._outbox.forget(self.job)
        return self._outcome(self._work)

    def _outcome(self, work: asyncio.Task[None]) -> End | None:
        error = asyncio.CancelledError("by itself") if work.cancelled() else work.exception()
        if error is None:
            return self._end(self._reason or "stop")
        if self.stopped is None:
            return self._end("error", self._problem(error))
        return self._end("cancelled") if self.stopped == "cancelled" else None

    async def _generate(self) -> None:
        model = self.job.request.model
        async with self._pool.using(model, self._tell_loading) as backend:
            request = await self._fitted(backend)
            self._outbox.progress(self.job, "generating")
            async with contextlib.aclosing(backend.generate(request)) as stream:
                async for output in stream:
                    self._add(output)
        if self._reason is None:
            raise ModelError(f"The backend of '{model}' ended an answer without a reason.")

    def _tell_loading(self, done: float) -> None:
        self._outbox.progress(self.job, "loading", done)

    async def _fitted(self, backend: Backend) -> Request:
        request = self.job.request
        asked = request.sampling.max_new_tokens
        bound = request.sampling.max_length
        if bound is None:
            prompt = await fit(request.prompt, backend.context, asked, backend.count)
            room = answer_room(asked, backend.context)
        else:
            prompt, room = await fit_within(
                request.prompt, bound, backend.context, asked, backend.count
            )
        sampling = replace(request.sampling, max_new_tokens=room, max_length=None)
        return replace(request, prompt=prompt, sampling=sampling)

    def _add(self, output: Output) -> None:
        if output.text:
            self._outbox.piece(self.job, len(self._text), output.text)
            self._text += output.text
        self._reason = output.reason or None
        usage = self._usage
        self._usage = Usage(
            prompt=max(usage.prompt, output.prompt_tokens),
            output=max(usage.output, output.output_tokens),
            cached=max(usage.cached, output.cached_tokens),
        )

    def _end(self, reason: FinishReason, problem: Problem | None = None) -> End:
        return End(
            request=self.job.request.id,
            text=self._text,
            reason=reason,
            usage=self._usage,
            problem=problem,
            attempt=self.job.attempt,
        )

    def _problem(self, error: BaseException) -> Problem:
        if isinstance(error, MadangError):
            logger.warning("Request '%s' failed: %s", self.job.request.id, error)
            return Problem(error.code, error.message, error.hint)
        logger.error("Request '%s' failed", self.job.request.id, exc_info=error)
        what = f"{type(error).__name__}: {error}"
        model = self.job.request.model
        return Problem("internal", f"Model '{model}' failed: {what}", "See the worker's log.")
