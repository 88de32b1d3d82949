"""What goes wrong at a worker and whom it concerns."""

import asyncio
import logging

import pytest

from madang.contract import (
    Backend,
    LoadProgress,
    Model,
    Request,
)
from madang.errors import ModelError, ModelNotLoaded
from madang.testing import (
    Answer,
    EchoBackend,
    ScriptedBackend,
    a_request,
    end_of,
    serving,
)


class Unloadable(EchoBackend):
    """Fail to load, as often as it is told."""

    failures = 1

    async def load(self, progress: LoadProgress) -> None:
        """Fail, and name the file."""
        if self.failures:
            self.failures -= 1
            raise ModelNotLoaded("model.safetensors is cut off.", "Fetch it again.")
        await super().load(progress)


async def test_a_model_that_cannot_be_loaded_ends_its_requests_and_no_others() -> None:
    backends: dict[str, Backend] = {"bad": Unloadable(), "echo": EchoBackend()}
    async with serving(backends) as queue:
        bad = await end_of(queue, a_request(model="bad"))
        good = await end_of(queue, a_request())
        later = await end_of(queue, a_request(model="bad"))
    assert bad.problem is not None
    assert (bad.problem.code, bad.problem.hint) == ("model_not_loaded", "Fetch it again.")
    assert (good.reason, later.reason) == ("stop", "stop")


async def test_an_error_of_madang_keeps_its_words() -> None:
    backend = ScriptedBackend(answers=[ModelError("Too hot.", "Wait a minute."), "좋아"])
    async with serving({"echo": backend}) as queue:
        end = await end_of(queue, a_request())
        after = await end_of(queue, a_request())
    assert end.problem is not None
    assert (end.problem.code, end.problem.message) == ("model_error", "Too hot.")
    assert after.text == "좋아"


async def test_any_other_error_is_internal_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    backend = ScriptedBackend(answers=[ZeroDivisionError("by zero")])
    with caplog.at_level(logging.ERROR, logger="madang.worker"):
        async with serving({"echo": backend}) as queue:
            end = await end_of(queue, a_request())
    assert end.problem is not None
    assert end.problem.code == "internal"
    assert "ZeroDivisionError" in end.problem.message
    assert caplog.records[0].exc_info is not None


async def test_a_prompt_that_cannot_fit_is_refused_by_name() -> None:
    async with serving({"echo": EchoBackend(model=Model(context=10))}) as queue:
        end = await end_of(queue, a_request("너무 긴 질문입니다. 정말로."))
    assert end.problem is not None
    assert end.problem.code == "prompt_too_long"


async def test_a_backend_that_cancels_itself_is_a_problem() -> None:
    class Selfish(EchoBackend):
        def answer(self, request: Request) -> Answer:
            raise asyncio.CancelledError

    async with serving({"echo": Selfish()}) as queue:
        end = await end_of(queue, a_request())
    assert end.reason == "error"
