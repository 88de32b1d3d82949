"""What people had forgotten stays on Discord: it is not read back from there."""

from collections.abc import Sequence

import discord
from msgspec import UNSET

from madang.conversation import Options
from madang_discord.places import author_of
from madang_discord.talk import Talk


def kept(talk: Talk, messages: Sequence[discord.Message]) -> list[discord.Message]:
    """Leave out what somebody said before they were forgotten, and the bot's answers to it.

    The messages are the oldest first: the further ones of a long answer go with its first.
    """
    options, found = talk.conversations.options, list[discord.Message]()
    answer_kept = True
    for message in messages:
        if not talk.wrote(message):
            left_out = _is_forgotten(options, message.author.id, message)
        elif askers := _askers(message):
            left_out = any(_is_forgotten(options, each, message) for each in askers)
            answer_kept = not left_out
        else:
            left_out = not answer_kept
        if not left_out:
            found.append(message)
    return found


def _askers(answer: discord.Message) -> set[int]:
    """Return whom an answer names as those who asked, as far as Discord still knows."""
    askers = {user.id for user in answer.mentions}
    if answer.reference and isinstance(answer.reference.resolved, discord.Message):
        askers.add(answer.reference.resolved.author.id)
    if answer.interaction_metadata is not None:
        askers.add(answer.interaction_metadata.user.id)
    return askers


def _is_forgotten(options: Options, user: int, message: discord.Message) -> bool:
    since = options.own(author_of(user, "").id).forgotten
    return since is not UNSET and message.created_at.timestamp() < since
