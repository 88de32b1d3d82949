"""The commands about the last answer: another try, more or less of it, or without it."""

from functools import partial

from madang_telegram import files
from madang_telegram.heard import Heard
from madang_telegram.rights import may_redo, may_stop
from madang_telegram.room import Room


async def retry(room: Room, heard: Heard) -> None:
    """Answer the last question once more."""
    if await _allowed(room, heard):
        await room.desk.conversations.retry(heard.place)


async def go_on(room: Room, heard: Heard) -> None:
    """Continue the last answer."""
    if await _allowed(room, heard):
        await room.desk.conversations.go_on(heard.place)


async def undo(room: Room, heard: Heard) -> None:
    """Take back the last question and its answer, which leaves the screen."""
    if not await _allowed(room, heard):
        return
    desk, chat = room.desk, room.desk.now_at(heard.spot.chat)
    for turn in await desk.conversations.undo(heard.place):
        if turn.role == "persona":
            await files.take_back(desk, heard.spot, turn)
        for message in turn.message_ids if turn.role == "persona" else ():
            await desk.call(heard.spot, partial(desk.bot.delete_message, chat, int(message)))
    await room.say(heard, "undo.done")


async def stop(room: Room, heard: Heard) -> None:
    """Stop the answer on its way."""
    if not await may_stop(room.desk, heard.spot, heard.author.id):
        await room.say(heard, "undo.not_yours")
    elif not await room.desk.conversations.stop(heard.place):
        await room.say(heard, "stop.nothing")


async def reset(room: Room, heard: Heard) -> None:
    """Begin the conversation anew."""
    if await _allowed(room, heard):
        await room.desk.conversations.reset(heard.place)
        await room.say(heard, "reset.done")


async def _allowed(room: Room, heard: Heard) -> bool:
    """Say whether somebody may change the last answer; who may not is told."""
    if await may_redo(room.desk, heard.spot, heard.author.id):
        return True
    await room.say(heard, "undo.not_yours")
    return False
