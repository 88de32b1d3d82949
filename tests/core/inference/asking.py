"""Requests and answers, said briefly."""

import dataclasses

from madang.contract import Output, Part, Prompt, Request, Sampling, Segment
from madang.inference import LocalBackend

QUESTION = "독도는 어느 땅인가?"


def completion(text: str = QUESTION, *, quoted: bool = False) -> Prompt:
    """Make a completion prompt of one part."""
    return Prompt("completion", (Segment(kind="tail", role="user", parts=(Part(text, quoted),)),))


def chat(*texts: str) -> Prompt:
    """Make a chat of quoted messages; the user speaks first."""
    roles = ("user", "assistant")
    return Prompt(
        "chat",
        tuple(
            Segment(kind="turn", role=roles[number % 2], parts=(Part(text, True),))  # type: ignore[arg-type]
            for number, text in enumerate(texts)
        ),
    )


def request(prompt: Prompt | None = None, adapter: str = "", **sampling: object) -> Request:
    """Make a request of 24 new tokens unless `sampling` says otherwise."""
    return Request(
        id="r",
        nonce="n",
        conversation="c",
        user="u",
        model="tiny",
        prompt=prompt or completion(),
        sampling=Sampling(**{"max_new_tokens": 24, **sampling}),  # type: ignore[arg-type]
        deadline=0.0,
        adapter=adapter,
    )


@dataclasses.dataclass
class Answer:
    """Hold a whole answer: the joined text and the last output."""

    text: str
    last: Output
    pieces: list[Output]


async def answer(backend: LocalBackend, asked: Request) -> Answer:
    """Collect a whole answer."""
    pieces = [output async for output in backend.generate(asked)]
    return Answer("".join(piece.text for piece in pieces), pieces[-1], pieces)
