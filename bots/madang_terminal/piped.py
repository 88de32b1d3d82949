"""Talk through a pipe: answers on stdout, one question at a time, everything else on stderr."""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from madang.contract import Author, Place, Turn, TurnState
from madang.conversation import Reply
from madang.settings.paths import data_dir
from madang.yard import Yard
from madang_terminal.bot import at_terminal
from madang_terminal.lines import hear, say
from madang_terminal.stdin import piped_lines
from madang_terminal.talk import TYPED, Talk, Tone
from madang_terminal.words import columns, ended, endings, printable, waiting


class Piped:
    """Answer lines from stdin in turn; with none, ask every persona's sample questions.

    The exit status is 1 when things were asked and not one of them was answered.
    """

    def __init__(self, yard: Yard, place: Place, author: Author) -> None:
        self.talk = Talk(yard=yard, place=place, author=author, screen=self)
        self.asked = 0
        self.answered = 0
        self._replies: list[Reply] = []

    async def run(self, persona: str = "") -> int:
        """Answer until the input ends; with a persona, only its samples are walked."""
        try:
            await self._run(persona)
        except BrokenPipeError:
            # Whoever reads the answers has gone, and the interpreter would complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return 1 if self.asked and not self.answered else 0

    async def _run(self, persona: str) -> None:
        talk = self.talk
        await talk.refresh()
        await self.tell("\n".join((talk.texts("banner.title"), *talk.about())))
        await talk.conversations.open(talk.place.bot, self._deliver, place=talk.place)
        await self._settle()
        silent = True
        async for line in piped_lines():
            silent = silent and not line.strip()
            await hear(talk, line)
            await self._settle()
            if talk.leaving:
                return
        if silent:
            await self._walk(persona.partition(":")[0])

    async def _walk(self, only: str) -> None:
        """Ask the sample questions, each in a new conversation, since they are openings."""
        talk = self.talk
        # A place below this one has its settings, and leaves its conversation alone.
        talk.place = Place(f"{talk.place.key}/samples")
        await self.tell(talk.texts("pipe.samples"))
        for info in talk.personas:
            if info.problem or only not in ("", info.persona.name):
                continue
            await talk.conversations.use(talk.place, info.persona.name)
            await talk.refresh()
            for sample in talk.text_of(info).samples:
                await talk.conversations.reset(talk.place)
                await say(talk, sample)
                await self._settle()

    async def _deliver(self, reply: Reply) -> None:
        self._replies.append(reply)
        texts, told = self.talk.texts, {""}
        async for update in reply.updates():
            phase = update.progress.phase if update.progress else ""
            stage = str(update.attempt) if update.attempt > 1 else phase
            words = waiting(texts, update)
            # Once each, and nothing of what every answer goes through.
            if stage not in told and words != texts("progress.generating"):
                told.add(stage)
                await self.tell(words)

    async def _settle(self) -> None:
        """Wait until all that was asked is answered, and print it."""
        await self.talk.conversations.settled()
        replies, self._replies = self._replies, []
        for reply in replies:
            self.asked += 1
            await self._print(reply)

    async def _print(self, reply: Reply) -> None:
        texts, update = self.talk.texts, reply.latest
        text = printable(update.text)
        if update.problem:
            # What came before it failed is shown, as in a terminal.
            why = texts("answer.failed", problem=texts.problem(update.problem))
            text = "\n".join(filter(None, (text, why)))
        elif update.state is TurnState.COMPLETE:
            self.answered += 1
        _write(sys.stdout, f"{reply.persona.name}: {text or texts('answer.empty')}")
        for said in endings(texts, reply, update):
            await self.tell(said)
        if reply.notice:
            await self.tell(texts("answer.notice", notice=reply.notice))

    # --- the screen ---------------------------------------------------------------------------

    async def tell(self, text: str, tone: Tone = "note") -> None:
        """Show words of the terminal's own."""
        with contextlib.suppress(OSError):
            _write(sys.stderr, printable(text))

    async def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Show rows in aligned columns."""
        await self.tell("\n".join(columns(rows)))

    async def turns(self, turns: Sequence[Turn]) -> None:
        """Show what was said before."""
        for turn in turns:
            name = turn.persona if turn.role == "persona" else turn.author.name
            said = filter(None, (turn.shown, ended(self.talk.texts, turn)))
            await self.tell(f"{name}: {' '.join(said)}")

    async def heard(self, text: str, *, command: bool = False) -> None:
        """Show what came in, which a pipe does not echo."""
        await self.tell(self.talk.texts("pipe.asked", text=text))

    async def failed(self, problem: str) -> None:
        """Print in place of an answer why there is none."""
        self.asked += 1
        current = self.talk.current
        name = current.persona.name if current else "madang"
        _write(sys.stdout, f"{name}: {self.talk.texts('answer.failed', problem=problem)}")

    async def confirm(self, question: str, *, unattended: bool) -> bool:
        """Answer for the person who is not there; one who is has not said yes."""
        return unattended and not at_terminal()

    def prefill(self, line: str) -> bool:
        """Leave it: nobody is there to change the line."""
        return False

    def forget(self) -> None:
        """Delete what was typed at a terminal before; a pipe itself keeps no record."""
        (data_dir() / TYPED).unlink(missing_ok=True)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is not None:
        stream.write(text.encode(stream.encoding, "replace").decode(stream.encoding) + "\n")
        stream.flush()
