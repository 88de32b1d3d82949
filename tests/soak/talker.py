"""A model for soaks: its answers name what was asked, and show whether they are whole.

A question holds `Q17.3`, its number and which wording of it this is, and a secret, `S겨울4;`. The
answer to it has `A17.3` in every line, and repeats every secret that the prompt held.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple

from madang.contract import Model, Output, Prompt, Request
from madang.errors import ModelError
from madang.testing import EchoBackend

ASKED = re.compile(r"Q(\d+)\.(\d+)")
SECRET = re.compile(r"S(\w+);")
KEY = re.compile(r"A(\d+\.\d+(?:,\d+\.\d+)*)")
HEAD = re.compile(r"들은 비밀 \((.*?)\)")
LOST = "들린 것이 없어요"
FACES = ("👩‍👩‍👧", "👍🏽", "🇰🇷", "각", "값어치", "𝒜")
SLOTS = 32
LONG, CODE, SLOW, BROKEN = 11, 7, 4, 31
"""Every so many questions has an answer of the kind."""


class Wording(NamedTuple):
    """Name one wording of a question."""

    number: int
    version: int


class Talker(EchoBackend):
    """Answer in pieces that cut through anything, some slowly; some answers break off."""

    def __init__(self, name: str = "talker", model: Model | None = None) -> None:
        super().__init__(name, model, slots=SLOTS)

    @property
    def context(self) -> int:
        """Never cut a history."""
        return 1 << 20

    async def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Tell the answer, or go on where it was stopped."""
        asked, secrets, begun = heard(request.prompt)
        text = answer(asked, secrets)
        rest = text[len(begun) :] if text.startswith(begun) else text
        if asked and asked[-1].number % BROKEN == 0:
            rest = rest[: len(rest) // 2]
        pieces = _pieces(rest, asked[-1].number if asked else 0)
        pause = _seconds(asked) / max(1, len(pieces))
        for count, piece in enumerate(pieces, 1):
            await asyncio.sleep(pause)
            yield Output(text=piece, output_tokens=count)
        if asked and asked[-1].number % BROKEN == 0:
            raise ModelError("It broke off.", "")
        yield Output(reason="stop", output_tokens=len(pieces))


def heard(prompt: Prompt) -> tuple[list[Wording], list[str], str]:
    """Return what is asked, every secret in the prompt, and an answer that is to go on."""
    begun = prompt.segments[-1].text if prompt.segments[-1].role == "assistant" else ""
    said = [each for each in prompt.segments if each.role == "user"]
    # What another persona answered meanwhile stands among the lines of the question.
    last = KEY.split(said[-1].text)[-1] if said else ""
    asked = [Wording(int(n), int(v)) for n, v in ASKED.findall(last)]
    secrets = dict.fromkeys(secret for each in said for secret in SECRET.findall(each.text))
    return list(dict.fromkeys(asked)), list(secrets), begun


def answer(asked: Sequence[Wording], secrets: Sequence[str]) -> str:
    """Return the whole answer, as Markdown."""
    key = "A" + ",".join(f"{each.number}.{each.version}" for each in asked)
    if not asked:
        return LOST
    number = asked[-1].number
    head = f"**{key}** 들은 비밀 ({' '.join(secrets)})"
    end = f"{key} *끝* `{number}`"
    return "\n\n".join([head, *_body(key, number), end])


def _body(key: str, number: int) -> list[str]:
    if number % LONG == 0:
        faces = [FACES[line % len(FACES)] for line in range(140)]
        return [
            f"{key} {line}째 줄은 조금 긴 이야기예요 {face}." for line, face in enumerate(faces)
        ]
    if number % CODE == 0:
        code = "\n".join(f'    print("{key}", {line}, "안녕 😀")' for line in range(66))
        return [f"{key} 이렇게 써요:", f"```python\ndef 인사():\n{code}\n```"]
    return [f"{key} {FACES[number % len(FACES)]} **굵게** 그리고 ~~지움~~"]


def _pieces(text: str, number: int) -> list[str]:
    size = max(1, len(text) // 40) + number % 3
    return [text[at : at + size] for at in range(0, len(text), size)]


def _seconds(asked: Sequence[Wording]) -> float:
    return 3.0 if asked and asked[-1].number % SLOW == 0 else 0.3
