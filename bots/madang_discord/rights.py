"""Who may do what: those who took part in a conversation, who moderate, and who manage."""

from madang.contract import Place, Turn
from madang_discord.asking import Asked, words_for
from madang_discord.interactions import tell
from madang_discord.places import user_of
from madang_discord.where import author_asking, place_of


def moderates(asked: Asked) -> bool:
    """Say whether somebody may manage the messages of others where they ask."""
    return asked.guild_id is not None and asked.permissions.manage_messages


def manages(asked: Asked) -> bool:
    """Say whether somebody may manage the server in which they ask."""
    return asked.guild_id is not None and asked.permissions.manage_guild


async def only_managers(asked: Asked) -> bool:
    """Turn away whoever may not manage the server; True for those who may."""
    if not manages(asked):
        await tell(asked, words_for(asked)("settings.not_allowed"))
    return manages(asked)


async def may_change(asked: Asked, turn: Turn) -> bool:
    """Say whether somebody said this or asked for it, or moderates where they are."""
    if turn.role == "persona":
        turn = await asked.client.talk.conversations.controls.question(turn) or turn
    return user_of(turn.author.id) == asked.user.id or moderates(asked)


def may_clear(asked: Asked) -> bool:
    """Say whether somebody may take away a message of which nobody knows any more whom it answers.

    Discord itself knows who called a command; of other messages it is for moderators alone.
    """
    called = asked.message.interaction_metadata if asked.message is not None else None
    return moderates(asked) or (called is not None and called.user.id == asked.user.id)


def may_address(asked: Asked, reference: str) -> bool:
    """Say whether somebody may ask a persona here, as far as was read of settings.

    Where the persona is locked only those who manage the server may ask another one.
    """
    here = asked.client.talk.conversations.options.place(place_of(asked))
    return not here.locked or reference == here.persona or manages(asked)


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
