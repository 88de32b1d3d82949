"""What buttons do: one small function each, and one row in the table."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from telegram import CallbackQuery

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
from madang_telegram.press import Press
from madang_telegram.room import Room

_log = logging.getLogger(__name__)

Button = Callable[[Press], Awaitable[str]]
"""Do what a button says; return what to tell who pressed it, where they were not answered yet."""

BUTTONS: Mapping[str, Button] = {
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
    press = Press(room=room, query=query)
    room.desk.languages.hear(press.spot.place, press.person.id, query.from_user)
    await press.answer(await _toast(press))


async def _toast(press: Press) -> str:
    button = BUTTONS.get(press.name)
    if press.name != keyboards.STOP and press.desk.access.count(press.person.id) != "taken":
        return press.texts("access.slower")
    if button is None or not press.valid:
        return press.texts("button.old")
    try:
        return await button(press)
    except MadangError as error:
        return press.texts.problem(problem_of(error))
    except (ValueError, LookupError):
        # An older version made a button that says this.
        _log.warning("a button said %r", press.query.data, exc_info=True)
        return press.texts("button.old")
