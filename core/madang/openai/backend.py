"""The backend that asks a server: vLLM, SGLang, llama.cpp, `transformers serve` and their like."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from madang.contract import Capabilities, LoadProgress, Metrics, Model, Output, Prompt, Request
from madang.errors import ModelError, UnsupportedParameter
from madang.inference.adapters import check_name
from madang.openai.address import base_url
from madang.openai.connection import BACKOFF_SECONDS, Connection
from madang.openai.dialect import DIALECTS, Dialect
from madang.openai.key import check_key
from madang.openai.meter import Meter
from madang.openai.prompts import Prompts, make_prompts
from madang.openai.served import find_served
from madang.openai.stream import outputs

OWN_TO_LOCAL = (
    "dtype",
    "quantisation",
    "trust_remote_code",
    "allow_pickle",
    "engine",
    "slots",
    "cache_tokens",
)
"""Keys that say how weights are read and run, which is the server's to decide."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Hold what requests need once the server was reached; `context` is in tokens."""

    connection: Connection
    prompts: Prompts
    context: int


class OpenAIBackend:
    """Serve one model of a server that speaks the API of OpenAI.

    Prompts are rendered here where the table names the model's tokenizer, and are messages or
    plain text otherwise. Making one is cheap; `load`, or the first request, reaches the server.
    `backoff` is how many seconds to wait before the first retry; each further wait is twice as
    long.
    """

    def __init__(self, name: str, model: Model, *, backoff: float = BACKOFF_SECONDS) -> None:
        self._name = name
        self._model = model
        self._dialect = DIALECTS[model.server.kind]
        self._served = model.server.model or model.source
        self._backoff = backoff
        self._meter = Meter(model.server.slots)
        self._ready: Ready | None = None
        self._loading = asyncio.Lock()
        base_url(name, model.server.url)
        check_key(name, model.server)
        _check_table(name, model, self._dialect)

    @property
    def capabilities(self) -> Capabilities:
        """Declare what servers of this kind honour."""
        return Capabilities(
            sampling=self._dialect.sampling,
            adapters=bool(self._dialect.adapter),
            slots=self._model.server.slots,
        )

    @property
    def context(self) -> int:
        """Return the context in tokens; before loading what the table says, 0 if nothing."""
        return self._ready.context if self._ready else self._model.context

    @property
    def metrics(self) -> Metrics:
        """Return what was asked and answered so far."""
        return self._meter.metrics

    async def load(self, progress: LoadProgress) -> None:
        """Read the tokenizer, reach the server, and make sure that it serves model and adapters."""
        progress(0.0)
        await self._prepared()
        progress(1.0)

    async def count(self, prompt: Prompt) -> int:
        """Count the tokens of a prompt; an estimate where the tokenizer is not at hand."""
        return await (await self._prepared()).prompts.count(prompt)

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Generate an answer; closing the stream hangs up, which stops the server."""
        check_name(self._name, request.adapter, self._model.adapters)
        ready, sampling = await self._prepared(), request.sampling
        question = await asyncio.to_thread(ready.prompts.question, request.prompt, sampling.stop)
        adapter = self._model.adapters[request.adapter] if request.adapter else ""
        body = {
            "model": self._dialect.served_name(self._served, adapter),
            **question.fields,
            **self._dialect.fields(sampling, self._model.special_ids.eos or (), ready.context),
        }
        events = ready.connection.events(question.path, body)
        answer = outputs(events, sampling.stop, ready.connection.problems)
        with self._meter.request() as note:
            async with contextlib.aclosing(answer):
                async for output in answer:
                    note(output)
                    yield output

    async def close(self) -> None:
        """Let go of the server; a later call reaches it again."""
        ready, self._ready = self._ready, None
        if ready:
            await ready.connection.close()

    async def _prepared(self) -> Ready:
        async with self._loading:
            if self._ready is None:
                self._ready = await self._prepare()
            return self._ready

    async def _prepare(self) -> Ready:
        prompts = await asyncio.to_thread(make_prompts, self._name, self._model, self._dialect)
        connection = Connection(self._name, self._model.server, self._backoff)
        try:
            told = await find_served(connection, self._dialect, self._served, self._model.adapters)
            context = _context(self._name, self._model.context, told)
        except BaseException:
            await connection.close()
            raise
        return Ready(connection=connection, prompts=prompts, context=context)


def _check_table(name: str, model: Model, dialect: Dialect) -> None:
    """Refuse keys that the server would never hear of."""
    kind, plain = model.server.kind, Model()
    if not (model.server.model or model.source):
        raise ModelError(
            f"[models.{name}.server] model is missing.",
            "Set it to the name under which the server serves the model.",
        )
    for key in OWN_TO_LOCAL:
        if getattr(model, key) != getattr(plain, key):
            raise UnsupportedParameter(
                f"[models.{name}] {key}: this is for the server to decide.",
                f"Leave it out; the server's own settings and [models.{name}.server] say it.",
            )
    if model.special_ids.eos and not dialect.ends:
        raise UnsupportedParameter(
            f"[models.{name}] special_ids.eos: a server of kind '{kind}' takes no ids.",
            "Leave it out, and start the server accordingly.",
        )
    if model.adapters and not dialect.adapter:
        raise UnsupportedParameter(
            f"[models.{name}] adapters: a server of kind '{kind}' applies none by name.",
            "Serve each as a model of its own, or use vLLM.",
        )


def _context(name: str, asked: int, told: int) -> int:
    if not asked and not told:
        raise ModelError(
            f"the server of model '{name}' does not tell its context.",
            f"Set `context` in [models.{name}], in tokens of prompt and answer together.",
        )
    if told and asked > told:
        raise ModelError(
            f"[models.{name}] context is {asked}, but the server takes {told} tokens.",
            "Lower it, or start the server with more.",
        )
    return asked or told
