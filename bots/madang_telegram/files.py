"""Long code as a file beside the answer, which holds it too."""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from telegram.error import ChatMigrated, RetryAfter, TelegramError

from madang.contract import Turn, TurnState
from madang.conversation import Reply
from madang_telegram.desk import Desk
from madang_telegram.places import BOT, Spot
from madang_telegram.styled import Span, Styled

_log = logging.getLogger(__name__)

NOTES = "file/"
LONG = 3000
SUFFIXES = {
    "python": "py",
    "javascript": "js",
    "typescript": "ts",
    "bash": "sh",
    "shell": "sh",
    "markdown": "md",
    "rust": "rs",
    "kotlin": "kt",
    "csharp": "cs",
    "": "txt",
}


@dataclass(frozen=True, kw_only=True)
class Note:
    """Note that a file is on its way, then which message it is: it comes at most once.

    Whether one arrived that was on its way when the bot was killed, nobody can find out.
    """

    desk: Desk
    key: str
    author: str

    async def keep(self, message: str = "") -> None:
        """Note where the file is, or that it is on its way."""
        await self.desk.yard.store.keep(BOT, self.key, message, self.author)

    async def let_go(self) -> None:
        """Note that it is not there."""
        await self.desk.yard.store.let_go(BOT, self.key)


async def follow(desk: Desk, reply: Reply, answer: Styled, asker: str) -> None:
    """Have there be a file of each long block of code in an answer, and none of other answers.

    Where sending one fails, the answer still has the code.
    """
    prefix, spot = _prefix(reply.turn), Spot.of(reply.place)
    long = [each for each in answer.spans if each.kind == "pre" and each.end - each.start > LONG]
    wanted: dict[str, tuple[bytes, str]] = {}
    for span in long if reply.latest.state is TurnState.COMPLETE else ():
        code = answer.text[span.start : span.end].encode()
        digest = hashlib.blake2b(code, digest_size=8).hexdigest()
        wanted.setdefault(prefix + digest, (code, _name(reply, span, len(wanted) + 1)))
    there = await desk.yard.store.kept(BOT, prefix)
    await _take(desk, spot, {key: there[key] for key in there if key not in wanted}.items())
    for key in [key for key in wanted if key not in there]:
        await send(desk, spot, *wanted[key], Note(desk=desk, key=key, author=asker))
        if desk.lanes.closed:
            # The answer is not shown whole: what could not be sent comes after the next start.
            raise asyncio.CancelledError
    if wanted and await desk.yard.store.turn(reply.turn.id) is None:
        # It was taken back while they were on their way.
        await take_back(desk, spot, reply.turn)


async def take_back(desk: Desk, spot: Spot, answer: Turn) -> None:
    """Delete the files beside an answer."""
    await _take(desk, spot, (await desk.yard.store.kept(BOT, _prefix(answer))).items())


async def send(desk: Desk, spot: Spot, data: bytes, name: str, note: Note | None = None) -> None:
    """Send a file; with a `note`, which is kept while it is sent, it comes at most once."""

    async def call() -> None:
        if note:
            await note.keep()
        try:
            message = await desk.bot.send_document(
                desk.now_at(spot.chat),
                data,
                filename=name,
                message_thread_id=spot.thread,
            )
        except (RetryAfter, ChatMigrated):
            if note:
                await note.let_go()
            raise
        except TelegramError as error:
            # It may have arrived, and nobody needs it twice.
            _log.info("a file may be missing at %s: %s", spot.place.key, error)
            return
        if note:
            await note.keep(f"{message.chat.id}/{message.message_id}")

    await desk.call(spot, call)


async def _take(desk: Desk, spot: Spot, notes: Iterable[tuple[str, str]]) -> None:
    """Delete files that are noted; in a group that has moved their messages are others."""
    for key, noted in notes:
        chat, _, message = noted.partition("/")
        if message and int(chat) == desk.now_at(spot.chat):
            await desk.call(spot, partial(desk.bot.delete_message, int(chat), int(message)))
        await desk.yard.store.let_go(BOT, key)


def _prefix(answer: Turn) -> str:
    """Return how the keys begin that all answers to one question share."""
    return f"{NOTES}{answer.parent or answer.id}/"


def _name(reply: Reply, span: Span, number: int) -> str:
    language = span.language.lower()
    suffix = SUFFIXES.get(language, language if language.isalnum() else "txt")
    return f"{reply.persona.name}-{number}.{suffix}"
