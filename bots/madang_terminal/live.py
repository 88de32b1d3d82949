"""The answer that grows above the input line, and what is typed until it is whole."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Group, RenderableType

from madang.contract import Problem
from madang.conversation import Reply, Update
from madang_terminal import paint
from madang_terminal.talk import Talk
from madang_terminal.words import endings, waiting

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
FRAMES_A_SECOND = 10


@dataclass
class Live:
    """Show one reply until it is final; `meanwhile` is what the person said since."""

    talk: Talk
    clock: Callable[[], float] = time.monotonic
    reply: Reply | None = None
    meanwhile: list[str] = field(default_factory=list)

    def picture(self, width: int, height: int) -> str:
        """Return the last `height` lines of what is going on, with colours."""
        if self.reply is None:
            return ""
        lines = paint.ansi(self._growing(self.reply), width).rstrip("\n").split("\n")
        return "\n".join(lines[-height:])

    def _growing(self, reply: Reply) -> RenderableType:
        update = reply.latest
        under = [] if update.text else [f"{self._spinner()} {waiting(self.talk.texts, update)}"]
        return Group(
            paint.spaced(self._answer(reply, update, under)),
            *(self._question(text) for text in self.meanwhile),
        )

    def whole(self, reply: Reply) -> RenderableType:
        """Return a final reply with what was said under it, and end what is going on."""
        texts, update = self.talk.texts, reply.latest
        under = endings(texts, reply, update)
        if reply.notice:
            under.append(texts("answer.notice", notice=reply.notice))
        parts = [paint.spaced(self._answer(reply, update, under)), *self._problem(update.problem)]
        parts += [self._question(text) for text in self.meanwhile]
        self.reply = None
        self.meanwhile.clear()
        return Group(*parts)

    def _answer(self, reply: Reply, update: Update, under: list[str]) -> RenderableType:
        name = reply.turn.persona
        return paint.answer(self.title(name), self.colour(name), update.text, under)

    def _question(self, text: str) -> RenderableType:
        return paint.spaced(paint.question(self.talk.author.name, text))

    def _problem(self, problem: Problem | None) -> list[RenderableType]:
        return [paint.words(self.talk.texts.problem(problem), "problem")] if problem else []

    def _spinner(self) -> str:
        return SPINNER[int(self.clock() * FRAMES_A_SECOND) % len(SPINNER)]

    def title(self, reference: str) -> str:
        """Return what a persona is called at the head of its answers."""
        name, _, mode = reference.partition(":")
        for info in self.talk.personas:
            if info.persona.name == name:
                title = self.talk.text_of(info).title
                return f"{title} · {mode}" if mode else title
        return reference

    def colour(self, reference: str) -> str:
        """Return the persona's colour, which its place in the menu decides."""
        names = [info.persona.name for info in self.talk.personas]
        name = reference.partition(":")[0]
        place = names.index(name) if name in names else 0
        return paint.PERSONA_COLOURS[place % len(paint.PERSONA_COLOURS)]
