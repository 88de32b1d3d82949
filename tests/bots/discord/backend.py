"""A backend that tests can hold in the middle of an answer, also from another process."""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

from madang.contract import Model, Output, Request
from madang.errors import ModelNotLoaded
from madang.testing import EchoBackend

BEGUN, ENDED = "옛날 옛적에", " 살았어요"


class Storyteller(EchoBackend):
    """Repeat the question; tell a story as far as `go`, or the file GATE, lets it.

    Some words ask for more: 고장 fails, 길게 N repeats so often, 빈 답 says nothing, and 짧게 ends
    because it is long enough.
    """

    def __init__(self, name: str = "held", model: Model | None = None, *, slots: int = 8) -> None:
        super().__init__(name, model, slots=slots)
        self.held = asyncio.Event()
        self.go = asyncio.Event()
        self.failed = asyncio.Event()
        self.asked: list[str] = []

    @property
    def context(self) -> int:
        return 1 << 20

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        asked = self.answer(request).text
        self.asked.append(asked)
        self.answered.append(request)
        if "고장" in asked:
            self.failed.set()
            raise ModelNotLoaded("broken")
        finished = False
        try:
            if "이야기" in asked:
                yield Output(text=BEGUN)
                self.held.set()
                await self._gate()
                yield Output(text=ENDED)
            elif "길게" in asked:
                yield Output(text=long_text(int(asked.split()[-1])))
            elif "빈 답" not in asked:
                yield Output(text=asked)
            finished = True
        finally:
            if not finished:
                self.closed.append(request.id)
        yield Output(reason="length" if "짧게" in asked else "stop", output_tokens=1)

    async def _gate(self) -> None:
        path = os.environ.get("GATE")
        while path and not Path(path).exists():  # noqa: ASYNC110 - another process opens it
            await asyncio.sleep(0.01)
        if not path:
            await self.go.wait()


def long_text(lines: int) -> str:
    """Return so many lines of text."""
    return "\n".join(f"{number}번째 줄이에요." for number in range(1, lines + 1))
