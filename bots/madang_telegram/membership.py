"""The bot comes into groups, leaves them, and follows them when they move."""

import logging
import time

from telegram import ChatMember, ChatMemberUpdated, Message

from madang_telegram.approving import arrived
from madang_telegram.places import Spot
from madang_telegram.room import Room

_log = logging.getLogger(__name__)

AWAY = (ChatMember.LEFT, ChatMember.BANNED)


async def changed(room: Room, update: ChatMemberUpdated) -> None:
    """Note that the bot was removed from a group, or taken back."""
    desk, place = room.desk, Spot(update.chat.id).place
    if update.new_chat_member.status not in AWAY:
        await desk.conversations.options.unset(place, "left")
        if update.old_chat_member.status in AWAY:
            await arrived(desk, update.chat, update.from_user)
        return
    _log.info("%s: the bot is not there any more", place.key)
    if update.chat.id < 0:
        await desk.conversations.options.set(place, "left", time.time())


async def migrated(room: Room, message: Message) -> None:
    """Take everything along to the supergroup that a group has become."""
    if message.migrate_to_chat_id:
        await room.desk.moved(message.chat_id, message.migrate_to_chat_id)
    elif message.migrate_from_chat_id:
        await room.desk.moved(message.migrate_from_chat_id, message.chat_id)
