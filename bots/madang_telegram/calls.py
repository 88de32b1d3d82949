"""What the Bot API says of a call, in the terms of the lanes."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from madang.delivery import Gone, Missing, TooFast

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

SAME = "not modified"
MISSING = ("message to edit not found", "message can't be edited", "message_id_invalid")
GONE = (
    "chat not found",
    "thread not found",
    "topic_closed",
    "topic_deleted",
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
    "peer_id_invalid",
    "user is deactivated",
)
TOKEN_PAUSE = 30.0


class Moved(Exception):
    """Say that a group has become a supergroup with another id."""

    def __init__(self, chat: int) -> None:
        super().__init__(chat)
        self.chat = chat


async def called(call: Callable[[], Awaitable[Result]], retry: float) -> Result | None:
    """Make a call; None where there was nothing to change.

    Raises `TooFast` for what passes: penalties, and after `retry` seconds lost connections; then
    nobody knows whether the call arrived. Raises `Missing`, `Gone` and `Moved` as they say, and
    other refusals as they are.
    """
    try:
        return await call()
    except RetryAfter as error:
        raise TooFast(seconds_of(error)) from error
    except ChatMigrated as error:
        raise Moved(error.new_chat_id) from error
    except Forbidden as error:
        raise Gone(error.message) from error
    except BadRequest as error:
        if SAME not in error.message.lower():
            raise _refusal(error) from error
        return None
    except InvalidToken as error:
        # Also what a server answers that does not know the method.
        _log.error("Telegram refuses the token, or does not know a method")
        raise TooFast(TOKEN_PAUSE) from error
    except NetworkError as error:
        raise TooFast(retry) from error


def seconds_of(error: RetryAfter) -> float:
    """Return how long a penalty lasts."""
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _refusal(error: TelegramError) -> Exception:
    why = error.message.lower()
    if any(words in why for words in MISSING):
        return Missing(error.message)
    return Gone(error.message) if any(words in why for words in GONE) else error
