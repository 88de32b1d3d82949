"""Where people talk: between Discord's ids and the places of madang.

    discord/GUILD/CHANNEL            the running conversation of a free channel
    discord/GUILD/CHANNEL/reMESSAGE  a chain of replies, named by the message that began it
    discord/GUILD/CHANNEL/THREAD     a thread
    discord/dm/CHANNEL               direct messages

Settings of a guild or a channel hold for all below it. A thread has the id of the message from
which it was opened, so chains are marked.
"""

from dataclasses import dataclass
from typing import Literal

from madang.contract import Author, Place

BOT = Place("discord")
DIRECT = "dm"
CHAIN = "re"

Kind = Literal["channel", "chain", "thread", "dm"]


@dataclass(frozen=True)
class Spot:
    """Say where a place is on Discord; `channel` is where messages are sent to.

    `guild` is 0 in direct messages, `parent` the channel of a thread, else 0.
    """

    kind: Kind
    guild: int
    channel: int
    parent: int = 0


def spot_of(place: Place) -> Spot:
    """Read a place; ValueError for one that is no place to send messages to."""
    parts = place.key.split("/")[1:]
    if len(parts) == 2 and parts[0] == DIRECT:
        return Spot("dm", 0, int(parts[1]))
    if len(parts) == 2:
        return Spot("channel", int(parts[0]), int(parts[1]))
    if len(parts) != 3:
        raise ValueError(f"{place.key} is no place of messages")
    guild, channel, inner = parts
    if inner.startswith(CHAIN):
        return Spot("chain", int(guild), int(channel))
    return Spot("thread", int(guild), int(inner), int(channel))


def guild_place(guild: int) -> Place:
    """Return the place of a whole server."""
    return Place(f"{BOT.key}/{guild}")


def channel_place(guild: int, channel: int) -> Place:
    """Return the place of a channel, with all its chains and threads below it."""
    return Place(f"{BOT.key}/{guild}/{channel}")


def chain_place(guild: int, channel: int, message: int) -> Place:
    """Return the place of a chain of replies."""
    return Place(f"{BOT.key}/{guild}/{channel}/{CHAIN}{message}")


def thread_place(guild: int, channel: int, thread: int) -> Place:
    """Return the place of a thread."""
    return Place(f"{BOT.key}/{guild}/{channel}/{thread}")


def dm_place(channel: int) -> Place:
    """Return the place of direct messages."""
    return Place(f"{BOT.key}/{DIRECT}/{channel}")


def place_in(guild: int | None, channel: int, parent: int | None = None) -> Place:
    """Return the place of a channel, of a thread, which has a `parent`, or of direct messages."""
    if guild is None:
        return dm_place(channel)
    return thread_place(guild, parent, channel) if parent else channel_place(guild, channel)


def server_of(place: Place) -> str:
    """Return what names a server, or the direct messages with somebody, among all places."""
    guild = place.key.split("/")[1]
    return place.key if guild == DIRECT else guild


def author_of(user: int, name: str) -> Author:
    """Return who a user of Discord is to madang."""
    return Author(f"{BOT.key}:{user}", name)


def user_of(author: str) -> int:
    """Return the Discord id of an author, 0 where it is somebody else's."""
    bot, _, user = author.partition(":")
    return int(user) if bot == BOT.key and user.isdecimal() else 0
