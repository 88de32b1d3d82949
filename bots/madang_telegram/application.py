"""The application of python-telegram-bot, put together."""

import logging
from typing import Any

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot
from telegram.request import HTTPXRequest

from madang_telegram.inbox import Inbox
from madang_telegram.options import TelegramOptions
from madang_telegram.order import InOrder

_log = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]

READ_SECONDS = 10.0
CONNECTIONS = 64


def application(options: TelegramOptions, token: str, inbox: Inbox) -> App:
    """Build an application that takes its updates from an inbox; the bot paces itself, per chat."""
    builder = ApplicationBuilder().bot(connection(options, token)).update_queue(inbox)
    return builder.concurrent_updates(InOrder(inbox)).build()


def connection(options: TelegramOptions, token: str) -> "ExtBot[None]":
    """Return what makes the calls to Telegram, or to a Bot API server of one's own."""
    base = options.base_url.rstrip("/")
    return ExtBot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=_request(base, CONNECTIONS),
        get_updates_request=_request(base, 2),
    )


def _request(base: str, connections: int) -> HTTPXRequest:
    # Certificates take long to load, and a server without TLS shows none.
    extra: dict[str, Any] | None = {"verify": False} if base.startswith("http://") else None
    return HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=READ_SECONDS,
        pool_timeout=READ_SECONDS,
        httpx_kwargs=extra,
    )


async def failed(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Log what a handler raised: a mistake of the bot's, which ends nothing else."""
    number = update.update_id if isinstance(update, Update) else "?"
    _log.error("update %s failed", number, exc_info=context.error)
