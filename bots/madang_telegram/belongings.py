"""What people take along and take away: the history, files of it, and forgetting it."""

from functools import partial

from telegram import CallbackQuery, InlineKeyboardMarkup

from madang.conversation import chosen_path, export_json, export_markdown
from madang.conversation.options import PersonOptions
from madang.errors import NothingThere
from madang_telegram.desk import Desk
from madang_telegram.files import send
from madang_telegram.heard import Heard
from madang_telegram.keyboards import FORGET, button
from madang_telegram.places import Spot, author_as, author_by, number_of, spot_of_query
from madang_telegram.rights import is_admin
from madang_telegram.room import Room

SHOWN = 10
LONGEST = 300


async def history(room: Room, heard: Heard) -> None:
    """Show the end of the conversation in short."""
    turns = (await room.desk.conversations.history(heard.place))[-SHOWN:]
    lines = [f"{each.author.name}: {_short(each.shown or each.raw)}" for each in turns]
    await room.tell(heard, "\n\n".join(lines) or room.texts(heard)("history.nothing"))


async def export(room: Room, heard: Heard) -> None:
    """Send the conversation as a file; in private also all that there is of the person."""
    desk, models = room.desk, room.desk.yard.settings.models
    tree = await desk.conversations.tree(heard.place)
    mine = await desk.conversations.everything(heard.author.id) if heard.spot.private else None
    if not tree and not (mine and (mine.turns or mine.options != PersonOptions())):
        raise NothingThere("There is nothing to export.", "Ask something first.")
    locale = desk.languages.of(heard.place, heard.author.id)
    titles = {
        each.persona.name: each.persona.text(locale).title
        for each in desk.yard.personas(heard.place)
    }
    if tree:
        text = export_markdown(chosen_path(tree), titles, models)
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


async def forgotten(room: Room, query: CallbackQuery, about: str) -> str:
    """Delete everything of who asked for that, once they said yes."""
    answer, _, number = about.partition(":")
    desk, spot, presser = room.desk, spot_of_query(query), author_as(query.from_user).id
    texts = desk.texts(spot.place, presser)
    person = author_by(int(number))
    if person != presser and not await _speaks_for(desk, spot, presser, int(number)):
        return texts("button.not_yours")
    key = "forget.kept"
    if answer == "yes":
        await room.listening.forget(person)
        room.jobs.forget(person)
        await desk.conversations.forget(person)
        if spot.private:
            # All topics of the chat.
            await desk.conversations.end(Spot(spot.chat).place)
        key = "forget.done"
    # Words of the language before it was forgotten.
    await desk.call(spot, partial(query.edit_message_text, texts(key)))
    return ""


async def _speaks_for(desk: Desk, spot: Spot, presser: str, number: int) -> bool:
    """Say whether who asked was an anonymous admin, and who pressed is one."""
    return number == desk.now_at(spot.chat) < 0 and await is_admin(desk, spot, presser)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
