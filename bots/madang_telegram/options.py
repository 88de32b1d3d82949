"""The bot's own options: `[bots.telegram.options]` of a profile, and the token."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from madang.errors import SettingsError, nearest
from madang.setup import Setup

TOKEN = "TELEGRAM_TOKEN"
API = "https://api.telegram.org"
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Webhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say where Telegram sends updates, and where the bot waits for them behind that.

    `url` is what the world sees, HTTPS that a proxy ends; `listen` is HOST:PORT of this machine.
    """

    url: str
    listen: Annotated[str, Meta(pattern=r"^[\w.-]+:\d{1,5}$")] = "127.0.0.1:8080"
    secret_env: str = ""


class TelegramOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold what a profile may say of this bot.

    `triggers` maps words that address the bot in groups to who answers; "" is whoever answers
    there. `base_url` is a Bot API server of one's own. `owners` are numbers of people, who approve
    groups where `approve_groups` says so. Only `allow_users` and `allow_chats` are served where
    there are any; owners always are. `per_minute` is how many messages of one person are taken, and
    `left_days` how long what was said in a group is kept after the bot was removed. What reached
    the bot later than `catch_up_minutes` is not answered in groups. With `group_history` a question
    brings along what was just said around it.
    """

    token_env: str = TOKEN
    token_file: str = ""
    base_url: str = API
    webhook: Webhook | None = None
    triggers: dict[str, str] = {}
    owners: tuple[int, ...] = ()
    allow_users: tuple[int, ...] = ()
    allow_chats: tuple[int, ...] = ()
    approve_groups: bool = False
    per_minute: Annotated[int, Meta(ge=1)] = 30
    left_days: Annotated[float, Meta(ge=0)] = 7.0
    catch_up_minutes: Annotated[float, Meta(ge=1)] = 15.0
    group_history: bool = False


def read_options(setup: Setup, bot: str) -> TelegramOptions:
    """Read and check the options; raises `SettingsError`."""
    settings = setup.settings.bots.get(bot)
    given: Mapping[str, object] = settings.options if settings else {}
    where = f"{setup.live.loaded.path}: bots.{bot}.options"
    for key in given:
        if key not in TelegramOptions.__struct_fields__:
            raise SettingsError(
                f"{where}: there is no option '{key}'.",
                nearest(key, TelegramOptions.__struct_fields__),
            )
    try:
        options = msgspec.convert(given, TelegramOptions)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {error}.", "docs/telegram.md lists the options.") from error
    if options.webhook and urlsplit(options.webhook.url).scheme != "https":
        raise SettingsError(
            f"{where}.webhook: url: Telegram sends updates to HTTPS only.",
            "Give the https:// address of the proxy in front of this bot, or leave webhook out: "
            "then the bot asks for updates itself.",
        )
    if options.approve_groups and not options.owners:
        raise SettingsError(
            f"{where}: approve_groups: nobody can approve a group.",
            "Name yourself in owners, by your number on Telegram.",
        )
    return options


def read_token(options: TelegramOptions, environ: Mapping[str, str] = os.environ) -> str:
    """Return the token; raises `SettingsError` where there is none."""
    if options.token_file:
        try:
            token = Path(options.token_file).expanduser().read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise SettingsError(
                f"The file of the token, {options.token_file}, cannot be read.",
                "bots.telegram.options.token_file names a file that holds nothing but the token.",
            ) from error
        source = options.token_file
    else:
        token, source = environ.get(options.token_env, "").strip(), options.token_env
    number, _, secret = token.partition(":")
    if not number.isdecimal() or not secret:
        what = "holds no token of a bot" if token else "is not set"
        raise SettingsError(
            f"{source} {what}.",
            f"@BotFather gives you one: set {TOKEN}, or name a file in token_file.",
        )
    return token


def read_secret(webhook: Webhook, environ: Mapping[str, str] = os.environ) -> str:
    """Return the secret that a webhook's profile names, empty where it names none."""
    if not webhook.secret_env:
        return ""
    secret = environ.get(webhook.secret_env, "")
    if not SECRET.fullmatch(secret):
        raise SettingsError(
            f"{webhook.secret_env} holds no secret for the webhook.",
            "Set it to 1 to 256 letters, digits, '_' or '-'; without secret_env one is made.",
        )
    return secret
