"""What buttons do: one small function each, and one row in the table."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from telegram import CallbackQuery
from telegram.error import TelegramError

from madang.conversation import problem_of
from madang.errors import MadangError
from madang_telegram import (
    approving,
    belongings,
    controls,
    documents,
    greeting,
    keyboards,
    menu,
    settings_menu,
)
from madang_telegram.places import author_as, spot_of_query
from madang_telegram.room import Room

_log = logging.getLogger(__name__)

LONGEST_TOAST = 200

Press = Callable[[Room, CallbackQuery, str], Awaitable[str]]
"""Do what a button says, about what its data names, often a turn; return what to tell the person.

An empty text tells nothing.
"""

BUTTONS: Mapping[str, Press] = {
    keyboards.STOP: controls.stop,
    keyboards.RETRY: controls.retry,
    keyboards.GO_ON: controls.go_on,
    keyboards.BEFORE: controls.before,
    keyboards.AFTER: controls.after,
    keyboards.ASK: greeting.ask,
    keyboards.MENU: menu.turn,
    keyboards.CHOOSE: menu.choose,
    keyboards.SET: settings_menu.change,
    keyboards.FORGET: belongings.forgotten,
    keyboards.APPROVE: approving.decided,
    keyboards.CANCEL: documents.cancel,
}


async def pressed(room: Room, query: CallbackQuery) -> None:
    """Do what a button says, and answer the press in any case."""
    name, _, about = (query.data or "").partition(":")
    person, spot = author_as(query.from_user), spot_of_query(query)
    room.desk.languages.hear(spot.place, person.id, query.from_user)
    texts = room.desk.texts(spot.place, person.id)
    if name != keyboards.STOP and room.desk.access.excess(person.id):
        await _answer(query, texts("access.slower"))
        return
    press = BUTTONS.get(name)
    try:
        toast = await press(room, query, about) if press else texts("button.old")
    except MadangError as error:
        toast = texts.problem(problem_of(error))
    except (ValueError, LookupError):
        # Nobody has a button that says this: it was made up, or an older version made it.
        _log.warning("a button said %r", query.data, exc_info=True)
        toast = texts("button.old")
    await _answer(query, toast)


async def _answer(query: CallbackQuery, toast: str) -> None:
    try:
        await query.answer(toast[:LONGEST_TOAST] or None)
    except TelegramError as error:
        _log.info("a press was answered too late: %s", error)
