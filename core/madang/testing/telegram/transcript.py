"""A transcript: what a person sees in a chat, at each moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from madang.testing.telegram.changes import PATIENCE, Changes
from madang.testing.telegram.entities import Styled
from madang.testing.telegram.entity import Entity
from madang.testing.telegram.rich import words_of

What = Literal[
    "message",
    "edit",
    "delete",
    "draft",
    "draft gone",
    "action",
    "reaction",
    "toast",
    "service",
]
SHOWN = ("message", "edit", "draft")
GONE = ("delete", "draft gone")
THINKING = "Thinking…"


@dataclass(frozen=True)
class Sight:
    """Record one change on the screen; `id` is the message's, or the draft's for drafts."""

    what: What
    at: float
    id: int
    author: str
    by_bot: bool
    content: Styled = field(default_factory=Styled)
    rich: str = ""
    thread: int = 0
    file: str = ""
    reply_to: int = 0
    buttons: tuple[tuple[str, ...], ...] = ()
    can_stop: bool = False

    @property
    def text(self) -> str:
        """Return the words that are read; an empty draft reads as the client shows it.

        `rich` has the tags of a rich message too.
        """
        if self.what == "draft" and not (self.rich or self.content.text):
            return THINKING
        return words_of(self.rich) or self.content.text

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Return the styles that are seen."""
        return self.content.entities

    @property
    def key(self) -> tuple[bool, int]:
        """Tell messages and drafts apart."""
        return self.what in ("draft", "draft gone"), self.id


class Transcript:
    """Hold everything that was seen in one chat, in order."""

    def __init__(self, changes: Changes) -> None:
        self.sights: list[Sight] = []
        self._here = Changes()
        self._anywhere = changes

    def add(self, sight: Sight) -> None:
        """Record a change and wake who waits for one."""
        self.sights.append(sight)
        self._here.tell()
        self._anywhere.tell()

    async def until(
        self, done: Callable[["Transcript"], bool], within: float = PATIENCE
    ) -> "Transcript":
        """Wait until the screen is as wanted; AssertionError with the transcript if it never is."""
        await self._here.until(lambda: done(self), self.render, within)
        return self

    def versions(self, message: int) -> list[Sight]:
        """List what a message looked like, first to last."""
        return [sight for sight in self.sights if sight.key == (False, message) and _shown(sight)]

    def drafts(self, draft: int = 0) -> list[Sight]:
        """List what drafts, or one of them, looked like, first to last."""
        drafts = (sight for sight in self.sights if sight.what == "draft")
        return [sight for sight in drafts if draft in (0, sight.id)]

    def by_bot(self) -> list[Sight]:
        """List every text that the bot ever showed, drafts and edits included."""
        return [sight for sight in self.sights if sight.by_bot and _shown(sight)]

    def screen(self, thread: int = 0) -> list[Sight]:
        """List what is to be seen now, oldest first; 0 stands for all topics."""
        seen: dict[tuple[bool, int], Sight] = {}
        for sight in self.sights:
            if sight.what in GONE:
                seen.pop(sight.key, None)
            elif _shown(sight):
                seen[sight.key] = sight
        return [sight for sight in seen.values() if thread in (0, sight.thread)]

    def answers(self, thread: int = 0) -> list[str]:
        """List the texts of the bot's messages that are to be seen now; drafts are none."""
        return [s.text for s in self.screen(thread) if s.by_bot and s.what != "draft"]

    def render(self) -> str:
        """Print it, one change a paragraph, with the seconds since the first."""
        return "\n".join(_lines(self.sights))


def _shown(sight: Sight) -> bool:
    return sight.what in SHOWN


def _lines(sights: list[Sight]) -> Iterator[str]:
    for sight in sights:
        text = sight.text.replace("\n", "\n    ")
        said = f": {text}" if text else ""
        yield f"[{sight.at - sights[0].at:8.2f}] {_head(sight)}{said}"
        if sight.file:
            yield f"    ({sight.file})"
        for row in sight.buttons:
            yield "    " + " ".join(f"[{label}]" for label in row)


def _head(sight: Sight) -> str:
    what = "" if sight.what == "message" else f" {sight.what}"
    number = f" {sight.id}" if sight.id else ""
    reply = f" → {sight.reply_to}" if sight.reply_to else ""
    topic = f" in topic {sight.thread}" if sight.thread else ""
    return f"{sight.author}{what}{number}{reply}{topic}".lstrip()
