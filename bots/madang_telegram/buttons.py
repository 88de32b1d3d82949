"""What buttons do: one small function each, and one row in the table."""

from collections.abc import Awaitable, Callable, Mapping

from telegram import CallbackQuery, Message

from madang.contract import Found
from madang.conversation import problem_of
from madang.errors import MadangError
from madang_telegram.commands import Room
from madang_telegram.keyboards import STOP
from madang_telegram.places import Spot, author_as, spot_of

LONGEST_TOAST = 200

Press = Callable[[Room, CallbackQuery, str], Awaitable[str]]
"""Do what a button says, about a turn; return what to tell the person, or the empty text."""


async def stop(room: Room, query: CallbackQuery, turn: str) -> str:
    """Stop an answer; only who asked may."""
    found = await room.desk.yard.store.locate(turn)
    texts = room.desk.texts(Spot(0).place, author_as(query.from_user).id)
    if found is None or not is_here(found, query):
        return texts("button.old")
    if not await asked_by(room, found, query):
        return texts("button.not_yours")
    return "" if await room.desk.conversations.controls.stop(turn) else texts("stop.nothing")


BUTTONS: Mapping[str, Press] = {STOP: stop}


async def pressed(room: Room, query: CallbackQuery) -> None:
    """Do what a button says, and answer the press in any case."""
    name, _, turn = (query.data or "").partition(":")
    person = author_as(query.from_user)
    message = query.message if isinstance(query.message, Message) else None
    spot = spot_of(message) if message else Spot(query.from_user.id)
    room.desk.languages.hear(spot.place, person.id, query.from_user)
    texts = room.desk.texts(spot.place, person.id)
    press = BUTTONS.get(name)
    try:
        toast = await press(room, query, turn) if press else texts("button.old")
    except MadangError as error:
        toast = texts.problem(problem_of(error))
    await query.answer(toast[:LONGEST_TOAST] or None)


def is_here(found: Found, query: CallbackQuery) -> bool:
    """Say whether a turn was said in the chat of the button, which could be made up."""
    chat = query.message.chat.id if query.message else 0
    return Spot.of(found.conversation.place).chat == chat


async def asked_by(room: Room, found: Found, query: CallbackQuery) -> bool:
    """Say whether the person asked what a turn answers."""
    asked = await room.desk.yard.store.turn(found.turn.parent or "")
    return asked is not None and asked.author.id == author_as(query.from_user).id
