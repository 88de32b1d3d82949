"""Real python-telegram-bot applications for the tests of the stand-in."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

import pytest
import telegram
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, TypeHandler
from telegram.request import HTTPXRequest

from madang.testing.telegram import TelegramServer

App = Application[Any, Any, Any, Any, Any, Any]
Handle = Callable[[telegram.Update, telegram.Bot], Awaitable[object]]
ALL = [*telegram.Update.ALL_TYPES, "stopped_message_generation"]


def plain(patience: float = 5.0) -> HTTPXRequest:
    """Make a client without TLS, whose certificates take long to load."""
    return HTTPXRequest(read_timeout=patience, httpx_kwargs={"verify": False})


def application(server: TelegramServer, handle: Handle) -> App:
    """Build an application that hands every update to one function."""

    async def each(update: telegram.Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        await handle(update, context.bot)

    app = (
        ApplicationBuilder()
        .token(server.token)
        .base_url(server.base_url)
        .base_file_url(server.base_file_url)
        .request(plain())
        .get_updates_request(plain())
        .build()
    )
    app.add_handler(TypeHandler(telegram.Update, each))
    return app


@asynccontextmanager
async def polling(server: TelegramServer, handle: Handle) -> AsyncIterator[telegram.Bot]:
    """Run an application that polls."""
    app = application(server, handle)
    async with app:
        await app.start()
        if app.updater is None:
            raise LookupError("an application without an updater")
        await app.updater.start_polling(allowed_updates=ALL)
        try:
            yield app.bot
        finally:
            await app.updater.stop()
            await app.stop()


@asynccontextmanager
async def bot_of(
    server: TelegramServer, token: str = "", patience: float = 5.0
) -> AsyncIterator[telegram.Bot]:
    """Open a bot that only makes calls."""
    bot = telegram.Bot(
        token or server.token,
        base_url=server.base_url,
        base_file_url=server.base_file_url,
        request=plain(patience),
        get_updates_request=plain(patience),
    )
    async with bot:
        yield bot


def refused(
    why: str, kind: type[TelegramError] = telegram.error.BadRequest
) -> AbstractContextManager[pytest.ExceptionInfo[TelegramError]]:
    """Expect a refusal; python-telegram-bot changes the case of its words."""
    return pytest.raises(kind, match=f"(?i){re.escape(why)}")
