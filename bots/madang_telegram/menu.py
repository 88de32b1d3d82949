"""The menu of personas, in pages: for a chat, for a topic of it, or for oneself."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from madang.contract import Author, Place
from madang.texts import Texts
from madang_telegram.casting import Role, answering, role_of, roles
from madang_telegram.greeting import introduced
from madang_telegram.heard import Heard
from madang_telegram.keyboards import CHOOSE, MENU, button
from madang_telegram.places import Spot
from madang_telegram.press import Press
from madang_telegram.rights import may_choose
from madang_telegram.room import Room

PAGE = 6
HERE, CHAT, OWN = "p", "c", "u"
SHORT = 80


async def persona(room: Room, heard: Heard) -> None:
    """Show who can answer, or choose who is named."""
    if not heard.text:
        text, keyboard = await _page(room, heard.spot, heard.author.id, HERE, 0)
        await room.tell(heard, text, keyboard)
        return
    word = heard.text.casefold()
    locale = room.desk.languages.of(heard.place, heard.author.id)
    listed = roles(room.desk, heard.place)
    named = [each for each in listed if word in (each.reference, each.title(locale).casefold())]
    key = named[0].key if named else heard.text
    role = role_of(room.desk, heard.place, key)
    problem = await _choose(room, heard.spot, heard.author, HERE, role)
    text, keyboard = introduced(room.texts(heard), role.info.persona, role.reference, locale)
    await room.tell(heard, problem or text, None if problem else keyboard)


async def turn(press: Press) -> str:
    """Show another page of the menu, or the same for another scope."""
    scope, number = press.about.split(":", 1)
    page = await _page(press.room, press.spot, press.person.id, scope, int(number))
    await press.rewrite(*page)
    return ""


async def choose(press: Press) -> str:
    """Choose a persona; it introduces itself in the place of the menu."""
    scope, key = press.about.split(":", 1)
    spot, person, texts = press.spot, press.person, press.texts
    role = role_of(press.desk, spot.place, key)
    problem = await _choose(press.room, spot, person, scope, role)
    if problem:
        return problem
    locale = press.desk.languages.of(spot.place, person.id)
    toast = texts(f"persona.chosen_{_word(spot, scope)}", title=role.title(locale))
    said = introduced(texts, role.info.persona, role.reference, locale)
    await press.rewrite(*said, toast=toast)
    return ""


async def _choose(room: Room, spot: Spot, person: Author, scope: str, role: Role) -> str:
    """Set who answers; returns why somebody may not."""
    # What holds for the whole chat is locked there, not in a topic.
    if not await may_choose(room.desk, Spot(spot.chat) if scope == CHAT else spot, person.id):
        return room.desk.texts(spot.place, person.id)("persona.locked")
    places: dict[str, Place | str] = {
        HERE: spot.place,
        CHAT: Spot(spot.chat).place,
        OWN: person.id,
    }
    where = places[scope]
    await room.desk.conversations.options.set(where, "persona", role.reference)
    return ""


async def _page(
    room: Room, spot: Spot, person: str, scope: str, number: int
) -> tuple[str, InlineKeyboardMarkup]:
    """Return one page of the menu, with what there is to say of each persona and its licence."""
    desk, texts = room.desk, room.desk.texts(spot.place, person)
    locale = desk.languages.of(spot.place, person)
    listed = roles(desk, spot.place)
    pages = max(1, -(-len(listed) // PAGE))
    number %= pages
    here = listed[number * PAGE : (number + 1) * PAGE]
    now = (await answering(desk, spot.place, person)).reference
    rows = [[_choice(each, each.reference == now, scope, locale)] for each in here]
    if pages > 1:
        rows.append(
            [
                button("◀", MENU, f"{scope}:{(number - 1) % pages}"),
                button(f"{number + 1}/{pages}", MENU, f"{scope}:{number}"),
                button("▶", MENU, f"{scope}:{(number + 1) % pages}"),
            ]
        )
    scopes = _scopes(spot)
    if len(scopes) > 1:
        labels = [_labelled(texts, spot, each, each == scope) for each in scopes]
        data = [f"{each}:{number}" for each in scopes]
        rows.append([button(label, MENU, about) for label, about in zip(labels, data, strict=True)])
    lines = [texts("persona.who"), *(_line(each, locale, room) for each in here)]
    return "\n\n".join(lines), InlineKeyboardMarkup(rows)


def _scopes(spot: Spot) -> list[str]:
    """List for what one can choose; a private chat is one's own anyway."""
    return [HERE, *([CHAT] if spot.topic else []), *([] if spot.private else [OWN])]


def _labelled(texts: Texts, spot: Spot, scope: str, chosen: bool) -> str:
    return ("● " if chosen else "") + texts(f"persona.scope_{_word(spot, scope)}")


def _word(spot: Spot, scope: str) -> str:
    """Return how a scope is called: the whole of a private chat is no group."""
    return "all" if spot.private and scope == CHAT else scope


def _choice(role: Role, current: bool, scope: str, locale: str) -> InlineKeyboardButton:
    mark = "✓ " if current else "⚠ " if role.info.problem else ""
    return button(mark + role.title(locale), CHOOSE, f"{scope}:{role.key}")


def _line(role: Role, locale: str, room: Room) -> str:
    words = role.info.persona.text(locale)
    model = role.info.model
    restriction = model.restriction if model else ""
    terms = restriction or words.licence or (model.licence if model else "")
    said = f"{role.title(locale)}: {words.description[:SHORT]}"
    return f"{said}\n  {terms}" if terms else said
