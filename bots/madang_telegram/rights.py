"""Who may change what at a place."""

import logging

from telegram import ChatMember
from telegram.error import TelegramError

from madang.contract import Found, Turn, TurnState
from madang_telegram.desk import Desk
from madang_telegram.places import Spot, number_of

_log = logging.getLogger(__name__)

ADMINS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)


async def is_admin(desk: Desk, spot: Spot, person: str) -> bool:
    """Say whether somebody is an admin of a chat; a private chat is its person's own."""
    chat, number = desk.now_at(spot.chat), number_of(person)
    # Who is anonymous speaks as the group itself, which only its admins can.
    if number in (spot.chat, chat) or number in desk.options.owners:
        return True
    try:
        member = await desk.bot.get_chat_member(chat, number)
    except TelegramError as error:
        _log.info("%s: nobody knows whether %s is an admin: %s", spot.place.key, number, error)
        return False
    return member.status in ADMINS


async def may_change(desk: Desk, found: Found, person: str) -> bool:
    """Say whether somebody asked what a turn answers, or is an admin there."""
    asked = await desk.conversations.controls.question(found.turn)
    return await _theirs(desk, Spot.of(found.conversation.place), person, asked)


async def may_choose(desk: Desk, spot: Spot, person: str) -> bool:
    """Say whether somebody may choose who answers: where that is locked only admins may."""
    here = await desk.conversations.options.at(spot.place)
    return not here.locked or await is_admin(desk, spot, person)


async def may_redo(desk: Desk, spot: Spot, person: str) -> bool:
    """Say whether somebody asked last at a place, or is an admin; of nothing, anybody may."""
    history = await desk.conversations.history(spot.place)
    asked = next((each for each in reversed(history) if each.role == "user" and each.asks), None)
    return asked is None or await _theirs(desk, spot, person, asked)


async def may_stop(desk: Desk, spot: Spot, person: str) -> bool:
    """Say whether somebody asked what is being answered, or is an admin."""
    history = await desk.conversations.history(spot.place)
    answer = next((each for each in history if each.state is TurnState.PENDING), None)
    if answer is None:
        return True
    return await _theirs(desk, spot, person, await desk.conversations.controls.question(answer))


async def _theirs(desk: Desk, spot: Spot, person: str, asked: Turn | None) -> bool:
    asker = asked.author.id if asked else ""
    return asker == person or await is_admin(desk, spot, person)
