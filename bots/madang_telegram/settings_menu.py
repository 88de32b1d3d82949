"""The settings of a chat or topic for its admins, and of a person in private, as buttons."""

from msgspec import UNSET
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from madang.texts import LOCALES
from madang_telegram.heard import Heard
from madang_telegram.keyboards import MENU, SET, button
from madang_telegram.places import Spot
from madang_telegram.press import Press
from madang_telegram.rights import is_admin
from madang_telegram.room import Room

ERRORS = ("reply", "reaction", "silent")
# What can be switched in private chats too comes first.
SWITCHES = ("rich", "locked", "free", "enabled")


async def settings(room: Room, heard: Heard) -> None:
    """Show what is set here, and what can be."""
    if not await is_admin(room.desk, heard.spot, heard.author.id):
        await room.say(heard, "settings.admins")
        return
    text, keyboard = await _view(room, heard.spot, heard.author.id)
    await room.tell(heard, text, keyboard)


async def change(press: Press) -> str:
    """Set one thing to what a button says."""
    key, _, value = press.about.partition(":")
    desk, spot, person, texts = press.desk, press.spot, press.person.id, press.texts
    if not await is_admin(desk, spot, person):
        return texts("settings.admins")
    where = person if spot.private else spot.place
    if key == "locale" and value in LOCALES:
        await desk.conversations.options.set(where, key, value)
    elif key in _switches(spot) and value in ("0", "1"):
        await desk.conversations.options.set(spot.place, key, value == "1")
    elif not spot.private and key == "errors" and value in ERRORS:
        await desk.conversations.options.set(spot.place, key, value)
    else:
        return texts("button.old")
    view = await _view(press.room, spot, person)
    await press.rewrite(*view, toast=press.texts("settings.done"))
    return ""


async def _view(room: Room, spot: Spot, person: str) -> tuple[str, InlineKeyboardMarkup]:
    desk, texts = room.desk, room.desk.texts(spot.place, person)
    here = await desk.conversations.options.at(spot.place, person)
    own = desk.conversations.options.own(person).locale
    locale = own if spot.private and own is not UNSET else here.locale
    rows = [
        [button(texts("settings.persona"), MENU, "p:0")],
        [_choice(texts(f"settings.{each}"), "locale", each, each == locale) for each in LOCALES],
    ]
    on = {"rich": desk.conversations.options.said(spot.place).rich is True}
    on |= {key: getattr(here, key) for key in SWITCHES if key not in on}
    rows += [[_switch(texts(f"settings.{key}"), key, on[key])] for key in _switches(spot)]
    if not spot.private:
        rows.append(
            [
                _choice(texts(f"settings.errors_{each}"), "errors", each, each == here.errors)
                for each in ERRORS
            ]
        )
    return texts("settings.own" if spot.private else "settings.here"), InlineKeyboardMarkup(rows)


def _switches(spot: Spot) -> tuple[str, ...]:
    return SWITCHES[:1] if spot.private else SWITCHES


def _switch(label: str, key: str, on: bool) -> InlineKeyboardButton:
    return button(("☑ " if on else "☐ ") + label, SET, f"{key}:{int(not on)}")


def _choice(label: str, key: str, value: str, chosen: bool) -> InlineKeyboardButton:
    return button(("✓ " if chosen else "") + label, SET, f"{key}:{value}")
