"""What a message of Discord says: whom it is meant for, and its words as a persona reads them."""

import re
from dataclasses import dataclass

import discord

from madang.contract import Author, Place
from madang.conversation import Said
from madang_discord.places import author_of, dm_place, guild_place, place_in

MENTION = re.compile(r"<(@[!&]?|#)(\d+)>")
EMOJI = re.compile(r"<a?(:\w+:)\d+>")
SPOKEN = (discord.MessageType.default, discord.MessageType.reply)
SMALL = re.compile(r"^-# .*$\n?", re.MULTILINE)
ABOVE = re.compile(r"^-# .*https://discord\.com/channels/\d+/\d+/(\d+)\).*\n?")
"""The line in which a persona that speaks by a webhook says what it answers."""
LONG = 1900
"""From here on a message may be one of several into which its client cut a long text."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Hold a message that belongs to a place; one that does not ask is only remembered.

    `persona` is who is addressed by a reply, or empty. `quoted` is the message whose words these
    are, where somebody named the bot in a reply and said nothing else; 0 otherwise.
    """

    message: discord.Message
    place: Place
    author: Author
    text: str
    asks: bool = True
    persona: str = ""
    quoted: int = 0

    @property
    def cut(self) -> bool:
        """Say whether more of the same may follow."""
        return is_cut(self.message)

    @property
    def said(self) -> Said:
        """Return it as what a conversation takes in."""
        return said_of(self.message, self.text)


def said_of(message: discord.Message, text: str, persona: str = "") -> Said:
    """Return a message as what a conversation takes in."""
    return Said(
        author=author_of(message.author.id, message.author.display_name),
        text=text,
        message_id=str(message.id),
        created=message.created_at.timestamp(),
        persona=persona,
    )


def mentions_me(message: discord.Message, me: int) -> bool:
    """Say whether a message names the bot, or the role that the bot alone has."""
    if me in message.raw_mentions:
        return True
    own = _own_role(message.guild)
    return own is not None and own.id in message.raw_role_mentions


def words_of(message: discord.Message, me: int) -> str:
    """Return what a message says: names in the place of mentions, the bot's own left out."""
    own = _own_role(message.guild)

    def named(found: re.Match[str]) -> str:
        kind, key = found[1], int(found[2])
        if kind == "#":
            return f"#{_channel_name(message, key)}"
        if kind == "@&":
            return "" if own is not None and key == own.id else f"@{_role_name(message, key)}"
        return "" if key == me else f"@{_user_name(message, key)}"

    content = message.content
    text = MENTION.sub(named, ABOVE.sub("", content, 1) if message.webhook_id else content)
    return re.sub(r"[ \t]{2,}", " ", EMOJI.sub(r"\1", text)).strip()


def answer_of(message: discord.Message) -> str:
    """Return what an answer of the bot says, without the bot's own small words."""
    return SMALL.sub("", message.content).strip()


def replied(message: discord.Message) -> int:
    """Return which message another one replies to, 0 for none.

    What is forwarded, or was published elsewhere, refers to a message that nobody here has to know.
    """
    reference = message.reference
    if reference is None or reference.type is discord.MessageReferenceType.forward:
        return 0
    starts = message.type is discord.MessageType.thread_starter_message
    here = starts or reference.channel_id == message.channel.id
    return (reference.message_id or 0) if here else 0


def question_of(message: discord.Message) -> int:
    """Return which message an answer of the bot answers, 0 where it does not say so."""
    if message.reference is not None:
        return replied(message)
    found = ABOVE.match(message.content) if message.webhook_id else None
    return int(found[1]) if found else 0


def is_cut(message: discord.Message) -> bool:
    """Say whether more of the same may follow."""
    return len(message.content) >= LONG


def is_spoken(message: discord.Message) -> bool:
    """Say whether somebody said this, and not Discord itself."""
    return message.type in SPOKEN


def _own_role(guild: discord.Guild | None) -> discord.Role | None:
    return guild.self_role if guild else None


def _user_name(message: discord.Message, key: int) -> str:
    known = (user.display_name for user in message.mentions if user.id == key)
    return next(known, "?")


def _role_name(message: discord.Message, key: int) -> str:
    role = message.guild.get_role(key) if message.guild else None
    return role.name if role else "?"


def _channel_name(message: discord.Message, key: int) -> str:
    channel = message.guild.get_channel_or_thread(key) if message.guild else None
    return channel.name if channel else "?"


def around(message: discord.Message) -> Place:
    """Return the place of the channel, the thread or the direct messages that a message is in."""
    channel, guild = message.channel, message.guild
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    return place_in(guild.id if guild else None, channel.id, parent)


def whole(message: discord.Message) -> Place:
    """Return the server or the direct messages that a message is in.

    Ids are unique there, and of an archived thread nobody says in which channel it is.
    """
    return guild_place(message.guild.id) if message.guild else dm_place(message.channel.id)
