"""Who may do what to a conversation: those who took part in it, and those who moderate."""

from madang.contract import Found, Place
from madang_discord.asking import Asked
from madang_discord.places import user_of
from madang_discord.where import author_asking


def moderates(asked: Asked) -> bool:
    """Say whether somebody may manage the messages of others where they ask."""
    return asked.guild_id is not None and asked.permissions.manage_messages


async def may_change(asked: Asked, found: Found) -> bool:
    """Say whether somebody asked for what was found, or moderates the place of it."""
    turn = found.turn
    if turn.role == "persona":
        turn = await asked.client.talk.yard.store.turn(turn.parent or "") or turn
    return user_of(turn.author.id) == asked.user.id or moderates(asked)


def may_clear(asked: Asked) -> bool:
    """Say whether somebody may take away a message of which nobody knows any more whom it answers.

    Discord itself knows who called a command; of other messages it is for moderators alone.
    """
    called = asked.message.interaction_metadata if asked.message is not None else None
    return moderates(asked) or (called is not None and called.user.id == asked.user.id)


async def may_forget(asked: Asked, place: Place) -> bool:
    """Say whether somebody may have what was said at a place left out from now on.

    That is for everybody who asked something in the conversation, for moderators, and in direct
    messages for whoever is there with the bot. One that holds nothing is nobody's.
    """
    if asked.context.dm_channel or moderates(asked):
        return True
    said = await asked.client.talk.conversations.tree(place)
    me = author_asking(asked).id
    return not said or any(turn.author.id == me and turn.asks for turn in said)
