"""Receiving updates: by asking for them, or by a webhook, for as long as the bot serves."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit

from telegram.error import (
    BadRequest,
    Conflict,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import Updater

from madang.errors import SettingsError
from madang_telegram.application import App
from madang_telegram.handlers import ALLOWED
from madang_telegram.options import TelegramOptions, Webhook, read_secret

_log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0


async def connected(call: Callable[[], Awaitable[object]], retry: float) -> None:
    """Make a call of the start as often as it takes; raises `SettingsError` for a wrong token."""
    pause = retry
    while True:
        try:
            await call()
            return
        except InvalidToken:
            # Its own words hold the token.
            raise wrong_token() from None
        except BadRequest:
            raise
        except (NetworkError, RetryAfter) as error:
            _log.warning("Telegram cannot be reached, trying again in %g s: %s", pause, error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def wrong_token() -> SettingsError:
    """Word that Telegram refuses the token."""
    return SettingsError(
        "Telegram refuses the token of the bot.",
        "Copy it once more from @BotFather (/mybots, API Token), or have it make a new one.",
    )


async def receive(app: App, options: TelegramOptions, retry: float) -> None:
    """Begin to receive updates."""
    updater = app.updater
    if updater is None:
        raise TypeError("an application without an updater")
    if options.webhook:
        await _listen(updater, options.webhook, retry)
        return
    polling = partial(
        updater.start_polling,
        allowed_updates=ALLOWED,
        bootstrap_retries=0,
        error_callback=_polling_failed,
    )
    await connected(polling, retry)


async def _listen(updater: Updater, hook: Webhook, retry: float) -> None:
    host, _, port = hook.listen.rpartition(":")
    listening = partial(
        updater.start_webhook,
        listen=host,
        port=int(port),
        url_path=urlsplit(hook.url).path.lstrip("/"),
        webhook_url=hook.url,
        secret_token=_secret(hook),
        allowed_updates=ALLOWED,
        bootstrap_retries=0,
    )
    try:
        await connected(listening, retry)
    except OSError as error:
        raise SettingsError(
            f"bots.telegram.options.webhook: cannot listen at {hook.listen}: {error.strerror}.",
            "Give the bot a free port of this machine.",
        ) from error
    except TelegramError as error:
        raise SettingsError(
            f"Telegram does not take the webhook {hook.url}: {error.message}.",
            "It has to be an HTTPS address with port 443, 80, 88 or 8443.",
        ) from error


async def stop_receiving(app: App) -> None:
    """Take no more updates."""
    if app.updater is not None and app.updater.running:
        await app.updater.stop()


async def work_off(app: App) -> None:
    """Work on the updates that came."""
    if app.running:
        await app.stop()


def _secret(hook: Webhook) -> str:
    # Without a secret anybody could send updates; one of this run is as good as any.
    return read_secret(hook) or secrets.token_urlsafe(32)


def _polling_failed(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        _log.error("somebody else asks for this bot's updates: stop the other process")
    else:
        _log.warning("no updates come for now: %s", error.message)
