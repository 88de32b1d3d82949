"""What an answer looks like at a moment: its text in parts, and small words under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from madang.contract import TurnState
from madang.conversation import Reply, Update
from madang.delivery import closed, split, utf16
from madang.texts import Texts
from madang.wording import waiting
from madang_discord.content import Attached, Content

LIMIT = 2000
ROOM = 400
"""How long the words under an answer may be."""
FILE = "answer.md"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Turn an answer into messages: at most `messages` of `limit`, and the rest as a file.

    Without `files` it is told that the rest is left out.
    """

    texts: Texts
    messages: int
    limit: int = LIMIT
    files: bool = True

    def contents(
        self, reply: Reply, update: Update, attached: Attached | None = None
    ) -> Sequence[Content]:
        """Return what its messages show now; empty when there is nothing to show."""
        under = _fitting(self._under(reply, update))
        # Discord takes white space alone for nothing.
        said = update.text if update.text.strip() else ""
        text = said or ("" if update.problem else self._waiting(reply, update))
        if not text:
            return [Content(text=under, attached=attached)] if under else []
        parts = _parts(text, under, self.limit, final=update.final)
        whole = ""
        if len(parts) > self.messages:
            if update.final:
                whole = text if self.files else ""
                rest = self.texts("answer.rest" if self.files else "answer.left_out")
                under = _lines(small(rest), under)
            room = self.limit - utf16(under) - 1
            last = split(parts[self.messages - 1], room, measure=utf16)[0]
            parts = [*parts[: self.messages - 1], last]
        end = Content(
            text=_lines(parts[-1], under),
            file_name=FILE if whole else "",
            file_text=whole,
            attached=attached,
        )
        return [*(Content(text=part) for part in parts[:-1]), end]

    def _under(self, reply: Reply, update: Update) -> str:
        """Return the words under an answer that has ended."""
        if not update.final:
            return ""
        lines = []
        if update.state is TurnState.STOPPED:
            lines.append(self.texts("answer.stopped"))
        if update.cut:
            lines.append(self.texts("answer.cut"))
        if update.problem:
            lines += self.texts.problem(update.problem).splitlines()
        if reply.notice and update.text:
            lines.append(self.texts("answer.notice", notice=reply.notice))
        return small("\n".join(lines))

    def _waiting(self, reply: Reply, update: Update) -> str:
        if update.final:
            stopped = update.state is TurnState.STOPPED
            return "" if stopped else small(self.texts("answer.empty"))
        if reply.turn.shown:
            # What is gone on with stays while the rest is waited for.
            return reply.turn.shown
        return f"💭 {waiting(self.texts, update, place=1) or self.texts('progress.generating')}"


def _parts(text: str, under: str, limit: int, *, final: bool) -> list[str]:
    """Split a text so that the words under it fit to its last part."""
    parts = split(text if final else closed(text), limit, measure=utf16)
    if utf16(_lines(parts[-1], under)) > limit:
        parts[-1:] = split(parts[-1], limit - utf16(under) - 1, measure=utf16)
    return parts


def _lines(*lines: str) -> str:
    return "\n".join(filter(None, lines))


def _fitting(under: str) -> str:
    """Cut words that are too many to stand under an answer."""
    return under if utf16(under) <= ROOM else f"{split(under, ROOM, measure=utf16)[0]}…"


def small(text: str) -> str:
    """Write lines in small letters, as the bot's own words are."""
    return "\n".join(f"-# {line}" for line in text.splitlines() if line)
