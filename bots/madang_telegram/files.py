"""Long code as a file beside the answer, which holds it too."""

import logging

from telegram.error import TelegramError

from madang.contract import TurnState
from madang.conversation import Reply
from madang_telegram.desk import Desk
from madang_telegram.places import Spot
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
    """Send each long block of code as a file; where that fails, the answer still has it."""
    long = [span for span in answer.spans if span.kind == "pre" and span.end - span.start > LONG]
    if reply.latest.state is not TurnState.COMPLETE:
        return
    for number, span in enumerate(long, start=1):
        code = answer.text[span.start : span.end]
        await send(desk, spot, code.encode(), _name(reply, span, number))


async def send(desk: Desk, spot: Spot, data: bytes, name: str) -> bool:
    """Send a file; False where nobody can be sent one."""

    async def call() -> object:
        try:
            return await desk.bot.send_document(
                desk.now_at(spot.chat),
                data,
                filename=name,
                message_thread_id=spot.thread,
            )
        except TelegramError as error:
            # It may have arrived, and nobody needs it twice.
            _log.info("a file may be missing at %s: %s", spot.place.key, error)
            return None

    return await desk.call(spot, call)


def _name(reply: Reply, span: Span, number: int) -> str:
    language = span.language.lower()
    suffix = SUFFIXES.get(language, language if language.isalnum() else "txt")
    return f"{reply.persona.name}-{number}.{suffix}"
