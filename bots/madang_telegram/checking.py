"""What `madang bot telegram --check` finds: the token, the bot's rights, the webhook."""

from collections.abc import AsyncIterator

from telegram import Bot, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from madang.errors import MadangError
from madang.models.checks.finding import Finding
from madang.setup import Setup
from madang_telegram.application import connection
from madang_telegram.commands import COMMANDS
from madang_telegram.options import TelegramOptions, read_options, read_secret, read_token
from madang_telegram.receiving import wrong_token

PRIVACY = (
    "Mentions, replies and commands reach it. For trigger words: @BotFather, /setprivacy, Disable, "
    "then remove the bot from the group and add it again."
)


async def examine(setup: Setup, bot: str) -> AsyncIterator[Finding]:
    """Look at everything that Telegram has to say about the bot."""
    try:
        options = read_options(setup, bot)
        token = read_token(options)
        if options.webhook:
            read_secret(options.webhook)
    except MadangError as error:
        yield Finding("failure", "options", error.message, error.hint)
        return
    telegram: Bot = connection(options, token)
    try:
        async with telegram:
            for each in _bot(options, telegram):
                yield each
            yield _webhook(options, await telegram.get_webhook_info())
            commands = await telegram.get_my_commands()
            yield Finding("ok", "commands", f"{len(commands)} of {len(COMMANDS)} are published")
    except InvalidToken:
        wrong = wrong_token()
        yield Finding("failure", "token", wrong.message, wrong.hint)
    except TelegramError as error:
        hint = "Look at the network of this machine, and at base_url."
        yield Finding("failure", "telegram", f"{options.base_url}: {error.message}", hint)


def _bot(options: TelegramOptions, telegram: Bot) -> list[Finding]:
    me = telegram.bot
    found = [Finding("ok", "token", f"{me.first_name} (@{me.username})")]
    if not me.can_join_groups:
        hint = "@BotFather, /setjoingroups, Enable lets people add it."
        found.append(Finding("warning", "groups", "it cannot be added to groups", hint))
    if me.can_read_all_group_messages:
        found.append(Finding("ok", "privacy", "off: it hears everything in groups"))
    else:
        found.append(Finding("ok", "privacy", "on: it hears what is for it in groups", PRIVACY))
        if options.group_history:
            why = "privacy mode keeps from the bot what it would be about"
            found.append(Finding("warning", "group_history", why, PRIVACY))
    on = "each is a conversation of its own" if me.has_topics_enabled else "off"
    found.append(Finding("ok", "topics", f"in private chats: {on}"))
    return found


def _webhook(options: TelegramOptions, info: WebhookInfo) -> Finding:
    wanted = options.webhook.url if options.webhook else ""
    if info.last_error_message and info.url == wanted:
        hint = f"{info.pending_update_count} updates wait. Look at the proxy in front of the bot."
        return Finding("warning", "webhook", info.last_error_message, hint)
    if info.url != wanted:
        now = f"is {info.url} now" if info.url else "is not set yet"
        return Finding("warning", "webhook", f"it {now}", "The bot changes that when it starts.")
    return Finding("ok", "webhook", wanted or "none: the bot asks for updates")
