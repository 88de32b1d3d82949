"""A screen that writes down what it is told, and typing into it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from madang.contract import Author, Turn
from madang.conversation import Reply
from madang_terminal.lines import hear
from madang_terminal.talk import Talk, Tone

ME = Author("terminal:me", "나")


@dataclass
class Recorder:
    """Be a screen that writes down what it is told, and says yes or no when asked."""

    says_yes: bool = True
    told: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    input: str = ""
    forgotten: bool = False

    async def tell(self, text: str, tone: Tone = "note") -> None:
        self.told.append(text)

    async def table(self, rows: Sequence[Sequence[str]]) -> None:
        self.rows = [tuple(row) for row in rows]

    async def turns(self, turns: Sequence[Turn]) -> None:
        self.shown = [turn.shown for turn in turns]

    async def heard(self, text: str, *, command: bool = False) -> None:
        """Leave it: nobody looks."""

    async def failed(self, problem: str) -> None:
        self.told.append(problem)

    async def confirm(self, question: str, *, unattended: bool) -> bool:
        self.told.append(question)
        return self.says_yes

    def prefill(self, line: str) -> bool:
        self.input = line
        return True

    def forget(self) -> None:
        self.forgotten = True

    async def deliver(self, reply: Reply) -> None:
        update = await reply.final()
        self.answers.append(f"{reply.turn.persona}: {update.text}")


@dataclass
class Talking:
    """Type lines into a talk and wait until all is answered."""

    talk: Talk
    screen: Recorder

    async def types(self, *lines: str) -> list[str]:
        """Return the answers to the lines."""
        before = len(self.screen.answers)
        for line in lines:
            await hear(self.talk, line)
            await self.talk.conversations.settled()
        return self.screen.answers[before:]
