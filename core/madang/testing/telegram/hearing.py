"""Hearing: which messages of a chat reach a bot at all."""

from madang.testing.telegram.chats import Chat
from madang.testing.telegram.messages import Message
from madang.testing.telegram.text import part
from madang.testing.telegram.users import User


def hears(bot: User, message: Message, *, privacy: bool) -> bool:
    """Say whether a bot is told of a message of somebody else."""
    chat = message.chat
    if not chat.is_group:
        return chat.kind == "private" or chat.has(bot)
    if not chat.has(bot):
        return False
    free = not privacy or chat.status_of(bot) in ("administrator", "creator")
    return free or message.service is not None or is_meant(bot, message)


def is_meant(bot: User, message: Message) -> bool:
    """Say whether a message is for a bot: a command, a mention or a reply to it."""
    if message.reply_to and message.reply_to.sender.id == bot.id:
        return True
    return bool(_commands(bot, message) or _mentions(bot, message))


def _commands(bot: User, message: Message) -> list[str]:
    names = message.content.styled("bot_command")
    ours = f"@{bot.username.lower()}"
    return [name for name in names if "@" not in name or name.lower().endswith(ours)]


def _mentions(bot: User, message: Message) -> list[str]:
    content = message.content
    spans = [span for span in content.entities if span.kind in ("mention", "text_mention")]
    ours = f"@{bot.username.lower()}"
    return [
        words
        for span in spans
        if (words := part(content.text, span.offset, span.length)).lower() == ours
        or span.user == bot.id
    ]


def may_write(bot: User, chat: Chat) -> str:
    """Return why a bot may not write in a chat, empty if it may."""
    if chat.kind == "private":
        if chat.blocked:
            return "bot was blocked by the user"
        return "" if chat.started else "bot can't initiate conversation with a user"
    kind = "channel chat" if chat.kind == "channel" else f"{chat.kind} chat"
    if chat.status_of(bot) == "kicked":
        return f"bot was kicked from the {kind}"
    return "" if chat.has(bot) else f"bot is not a member of the {kind}"
