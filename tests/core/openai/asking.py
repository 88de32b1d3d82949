"""Answers of a backend, collected."""

from dataclasses import dataclass

from madang.contract import Backend, Output, Prompt, Request, Sampling
from madang.testing import a_request


@dataclass(frozen=True)
class Answer:
    """Hold the joined text, its pieces, and the last output."""

    text: str
    pieces: list[str]
    last: Output


def request(prompt: Prompt | str = "안녕?", *, adapter: str = "", **sampling: object) -> Request:
    """Make a request of at most 40 tokens unless `sampling` says otherwise."""
    drawn = Sampling(**{"max_new_tokens": 40, **sampling})  # type: ignore[arg-type]
    if isinstance(prompt, str):
        return a_request(prompt, model="kim", adapter=adapter, sampling=drawn)
    return a_request(model="kim", adapter=adapter, prompt=prompt, sampling=drawn)


async def answer(backend: Backend, asked: Request) -> Answer:
    """Collect a whole answer."""
    given = [output async for output in backend.generate(asked)]
    pieces = [output.text for output in given if output.text]
    return Answer("".join(pieces), pieces, given[-1])
