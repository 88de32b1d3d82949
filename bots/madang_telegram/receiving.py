"""Receiving updates: by asking for them, or by a webhook, for as long as the bot serves."""

import asyncio
import logging
import secrets
from urllib.parse import urlsplit

from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError

from madang.errors import SettingsError
from madang_telegram.application import App
from madang_telegram.handlers import ALLOWED
from madang_telegram.options import TelegramOptions, Webhook, read_secret

_log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0


async def connected(app: App, retry: float) -> None:
    """Say hello to Telegram, as often as it takes; raises `SettingsError` for a wrong token."""
    pause = retry
    while True:
        try:
            await app.initialize()
            return
        except InvalidToken:
            # Its own words hold the token.
            raise wrong_token() from None
        except NetworkError as error:
            _log.warning("Telegram cannot be reached, trying again in %g s: %s", pause, error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def wrong_token() -> SettingsError:
    """Word that Telegram refuses the token."""
    return SettingsError(
        "Telegram refuses the token of the bot.",
        "Copy it once more from @BotFather (/mybots, API Token), or have it make a new one.",
    )


async def receive(app: App, options: TelegramOptions) -> None:
    """Begin to receive updates."""
    updater = app.updater
    if updater is None:
        raise TypeError("an application without an updater")
    if options.webhook is None:
        await updater.start_polling(
            allowed_updates=ALLOWED, bootstrap_retries=-1, error_callback=_polling_failed
        )
        return
    hook = options.webhook
    host, _, port = hook.listen.rpartition(":")
    try:
        await updater.start_webhook(
            listen=host,
            port=int(port),
            url_path=urlsplit(hook.url).path.lstrip("/"),
            webhook_url=hook.url,
            secret_token=_secret(hook),
            allowed_updates=ALLOWED,
            bootstrap_retries=-1,
        )
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
    """Take no more updates; those that came are worked on."""
    if app.updater is not None and app.updater.running:
        await app.updater.stop()
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
