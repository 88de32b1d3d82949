"""What people take along and take away: the history, files of it, and forgetting it."""

from collections.abc import Mapping

from telegram import InlineKeyboardMarkup

from madang.contract import Turn
from madang.conversation import chosen_path, export_json, export_markdown
from madang.conversation.options import PersonOptions
from madang.errors import NothingThere
from madang_telegram.files import send
from madang_telegram.heard import Heard
from madang_telegram.keyboards import FORGET, button
from madang_telegram.markdown import converted
from madang_telegram.places import Spot, author_by, number_of
from madang_telegram.press import Press
from madang_telegram.rights import is_admin
from madang_telegram.room import Room
from madang_telegram.styled import Styled, plain
from madang_telegram.unfinished import ended

SHOWN = 10
LONGEST = 300


async def history(room: Room, heard: Heard) -> None:
    """Show the end of the conversation in short."""
    titles, told = _titles(room, heard), plain("")
    for each in (await room.desk.conversations.history(heard.place))[-SHOWN:]:
        name = titles.get(each.persona.partition(":")[0], "") if each.role == "persona" else ""
        told = told + plain(f"{name or each.author.name}: ") + _short(each) + plain("\n\n")
    await room.tell(heard, told if told.text else room.texts(heard)("history.nothing"))


async def export(room: Room, heard: Heard) -> None:
    """Send the conversation as a file; in private also all that there is of the person."""
    desk, models = room.desk, room.desk.yard.settings.models
    tree = await desk.conversations.tree(heard.place)
    mine = await desk.conversations.everything(heard.author.id) if heard.spot.private else None
    if not tree and not (mine and (mine.turns or mine.options != PersonOptions())):
        raise NothingThere("There is nothing to export.", "Ask something first.")
    if tree:
        text = export_markdown(chosen_path(tree), _titles(room, heard), models)
        await send(desk, heard.spot, text.encode(), "madang.md")
    if mine:
        everything = export_json(mine.turns, models, mine.usage, mine.options)
        await send(desk, heard.spot, everything.encode(), "madang.json")


async def forget(room: Room, heard: Heard) -> None:
    """Ask whether everything of somebody is to be deleted."""
    texts, number = room.texts(heard), number_of(heard.author.id)
    rows = [button(texts(f"forget.{each}"), FORGET, f"{each}:{number}") for each in ("yes", "no")]
    key = "forget.sure_private" if heard.spot.private else "forget.sure"
    await room.tell(heard, texts(key), InlineKeyboardMarkup([rows]))


async def forgotten(press: Press) -> str:
    """Delete everything of who asked for that, once they said yes."""
    answer, _, number = press.about.partition(":")
    person, texts = author_by(int(number)), press.texts
    if person != press.person.id and not await _speaks_for(press, int(number)):
        return texts("button.not_yours")
    key = "forget.kept"
    if answer == "yes":
        await _forget(press.room, press.spot, person)
        key = "forget.done"
    # Words of the language before it was forgotten.
    await press.rewrite(texts(key))
    return ""


async def _forget(room: Room, spot: Spot, person: str) -> None:
    await room.listening.forget(person)
    room.jobs.forget(person)
    await room.desk.conversations.forget(person)
    if spot.private:
        # All topics of the chat.
        await room.desk.conversations.end(Spot(spot.chat).place)


async def _speaks_for(press: Press, number: int) -> bool:
    """Say whether who asked was an anonymous admin, and who pressed is one."""
    desk, spot = press.desk, press.spot
    return number == desk.now_at(spot.chat) < 0 and await is_admin(desk, spot, press.person.id)


def _titles(room: Room, heard: Heard) -> Mapping[str, str]:
    """Return how personas are called, in the language of who asks."""
    desk = room.desk
    locale = desk.languages.of(heard.place, heard.author.id)
    listed = desk.yard.personas(heard.place)
    return {each.persona.name: each.persona.text(locale).title for each in listed}


def _short(turn: Turn) -> Styled:
    """Return the beginning of what was said; only what personas say is Markdown."""
    whole = turn.shown or turn.raw
    text = whole[:LONGEST]
    said = converted(ended(text, cut=text != whole)) if turn.role == "persona" else plain(text)
    return said if text == whole else said + plain("…")
