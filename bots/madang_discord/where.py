"""Which conversation a command, a button or a menu is about."""

import discord

from madang.contract import Author, Place
from madang_discord.asking import Asked
from madang_discord.places import author_of, chain_place, place_in, spot_of

MOST_LOOKED_AT = 100


def author_asking(asked: Asked) -> Author:
    """Return who asks."""
    return author_of(asked.user.id, asked.user.display_name)


def place_of(asked: Asked) -> Place:
    """Return the place of the channel, the thread or the direct messages."""
    parent = asked.channel.parent_id if isinstance(asked.channel, discord.Thread) else None
    return place_in(asked.guild_id, asked.channel_id or 0, parent)


def is_archived(asked: Asked) -> bool:
    """Say whether this is a thread in which Discord lets no message be changed."""
    return isinstance(asked.channel, discord.Thread) and asked.channel.archived


async def place_to_ask(asked: Asked) -> Place:
    """Return where a question belongs: in a channel that is not free it begins a chain."""
    place = place_of(asked)
    here = await asked.client.talk.conversations.options.at(place)
    if spot_of(place).kind != "channel" or here.free:
        return place
    return chain_place(asked.guild_id or 0, asked.channel_id or 0, asked.id)


async def current_place(asked: Asked) -> Place:
    """Return the conversation that somebody means: in a channel the one they spoke in last."""
    place, store = place_of(asked), asked.client.talk.yard.store
    if spot_of(place).kind != "channel":
        return place
    said = await store.everything(author_asking(asked).id)
    latest = sorted(said, key=lambda each: each.created, reverse=True)
    conversations = {turn.conversation: turn.id for turn in latest}
    for turn in list(conversations.values())[:MOST_LOOKED_AT]:
        found = await store.locate(turn)
        if found is not None and spot_of(found.conversation.place).channel == asked.channel_id:
            return found.conversation.place
    return place
