"""Long code as a file beside the answer, which holds it too."""

import hashlib
import logging
from dataclasses import dataclass

from telegram.error import ChatMigrated, RetryAfter, TelegramError

from madang.contract import TurnState
from madang.conversation import Reply
from madang_telegram.desk import Desk
from madang_telegram.places import BOT, Spot
from madang_telegram.styled import Span, Styled

_log = logging.getLogger(__name__)

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


async def attach(desk: Desk, spot: Spot, reply: Reply, answer: Styled) -> None:
    """Send each long block of code as a file, once; where that fails, the answer still has it."""
    long = [span for span in answer.spans if span.kind == "pre" and span.end - span.start > LONG]
    if reply.latest.state is not TurnState.COMPLETE or not long:
        return
    asked = await desk.yard.store.turn(reply.turn.parent or "")
    for number, span in enumerate(long, start=1):
        code = answer.text[span.start : span.end].encode()
        # What goes on with an answer makes another file of its code.
        digest = hashlib.blake2b(code, digest_size=8).hexdigest()
        note = Note(desk, f"file/{reply.turn.id}/{digest}", asked.author.id if asked else "")
        if not await note.there():
            await send(desk, spot, code, _name(reply, span, number), note)


@dataclass(frozen=True)
class Note:
    """Note that a file is on its way, since nobody can find out whether it arrived."""

    desk: Desk
    key: str
    author: str

    async def there(self) -> bool:
        """Say whether the file was sent, here or by a process before this one."""
        return self.key in await self.desk.yard.store.kept(BOT, self.key)

    async def keep(self) -> None:
        """Note it."""
        await self.desk.yard.store.keep(BOT, self.key, "", self.author)

    async def let_go(self) -> None:
        """Note that it was not sent."""
        await self.desk.yard.store.let_go(BOT, self.key)


async def send(desk: Desk, spot: Spot, data: bytes, name: str, note: Note | None = None) -> bool:
    """Send a file; False where nobody can be sent one.

    With a `note` it comes at most once, whatever happens: the note is kept while it is sent.
    """

    async def call() -> object:
        if note is not None:
            await note.keep()
        try:
            return await desk.bot.send_document(
                desk.now_at(spot.chat),
                data,
                filename=name,
                message_thread_id=spot.thread,
            )
        except (RetryAfter, ChatMigrated):
            if note is not None:
                await note.let_go()
            raise
        except TelegramError as error:
            # It may have arrived, and nobody needs it twice.
            _log.info("a file may be missing at %s: %s", spot.place.key, error)
            return None

    return await desk.call(spot, call)


def _name(reply: Reply, span: Span, number: int) -> str:
    language = span.language.lower()
    suffix = SUFFIXES.get(language, language if language.isalnum() else "txt")
    return f"{reply.persona.name}-{number}.{suffix}"
