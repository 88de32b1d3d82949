"""What the profile says of this bot in `[bots.discord.options]`, and where its token is."""

import os
import re
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from madang.conversation.options import ErrorStyle
from madang.errors import SettingsError
from madang.settings import BotSettings
from madang.setup import Setup
from madang.toml import read_table

TABLE = "[bots.discord.options]"
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
TOKEN = re.compile(r"[\w.-]+", re.ASCII)

Shards = Annotated[int, Meta(ge=0, le=4096)]
Messages = Annotated[int, Meta(ge=1, le=20)]
Burst = Annotated[float, Meta(ge=0, le=10)]
History = Annotated[int, Meta(ge=0, le=200)]
Minutes = Annotated[float, Meta(ge=0, le=1440)]
Turns = Annotated[int, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0, le=100_000)]
GraceDays = Annotated[float, Meta(ge=0, le=365)]


class DiscordOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold the bot's own settings; docs/discord.md tells what each does.

    `shards` 0 is as many as Discord recommends. An answer takes at most `messages` messages, the
    rest is a file. `history_messages` bounds what is read back from Discord, `catch_up_minutes`
    the age of missed messages that are answered late, and `bot_turns` how often other bots are
    answered in a row. Limits of a person and of a server, and of the jobs that make questions on a
    server and in all, are without bound at 0. `left_days` after the bot was removed from a server
    its data are deleted.
    """

    token_env: str = "DISCORD_TOKEN"
    token_file: str = ""
    shards: Shards = 0
    presence: str = ""
    errors: ErrorStyle = "reply"
    messages: Messages = 5
    burst_seconds: Burst = 0.6
    history_messages: History = 50
    catch_up_minutes: Minutes = 15
    bot_turns: Turns = 3
    person_per_minute: Count = 12
    server_per_minute: Count = 300
    person_at_once: Count = 3
    server_at_once: Count = 200
    server_jobs: Count = 3
    jobs: Count = 6
    left_days: GraceDays = 7


def options_of(setup: Setup) -> DiscordOptions:
    """Read the bot's own table; `SettingsError` names the key that is wrong."""
    table = setup.settings.bots.get("discord", BotSettings()).options
    where = f"{setup.live.loaded.path}: {TABLE}"
    return read_table(table, DiscordOptions, lambda path: where)


def token_of(options: DiscordOptions) -> str:
    """Return the token; `SettingsError` names where it was looked for, and never shows it."""
    token = _from_file(options.token_file) if options.token_file else _from_variable(options)
    place = _place(options)
    if not token:
        raise SettingsError(
            f"There is no token of the bot in {place}.",
            "Copy it from https://discord.com/developers/applications, Bot, Reset Token; "
            "docs/discord.md shows each step.",
        )
    if not TOKEN.fullmatch(token):
        raise SettingsError(
            f"What is in {place} is no token: it holds characters that no token has.",
            "Copy the token alone, without quotes and without the word Bot before it.",
        )
    return token


def _place(options: DiscordOptions) -> str:
    if options.token_file:
        return f"the file {options.token_file}"
    return f"the environment variable {options.token_env}"


def _from_variable(options: DiscordOptions) -> str:
    if not VARIABLE.fullmatch(options.token_env):
        # The value is not repeated: somebody may have written the token itself there.
        raise SettingsError(
            f"{TABLE} token_env is not the name of an environment variable.",
            'Write a name in capitals, such as "DISCORD_TOKEN"; the token is never in a profile.',
        )
    return os.environ.get(options.token_env, "").strip()


def _from_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8").strip()
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise SettingsError(
            f"The token file of {TABLE} cannot be read: {why}.", "Correct token_file."
        ) from error
