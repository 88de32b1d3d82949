"""Groups that an owner of the bot has to approve before it talks there, and leaving others."""

from telegram import Chat, InlineKeyboardMarkup, Update, User

from madang_telegram.desk import Desk
from madang_telegram.keyboards import APPROVE, button
from madang_telegram.places import Spot, author_as
from madang_telegram.press import Press
from madang_telegram.room import Room


async def arrived(desk: Desk, chat: Chat, by: User) -> None:
    """Ask the owners about a group into which somebody brought the bot.

    One in which nobody may talk with it is left at once, unless an owner brought it there.
    """
    mine, ours = desk.options, by.id in desk.options.owners
    if chat.id > 0:
        return
    if mine.approve_groups and not desk.access.approved(chat.id):
        if ours:
            await desk.conversations.options.set(Spot(chat.id).place, "enabled", True)
        else:
            await _ask(desk, chat, by)
    elif desk.access.open_to_none(chat.id) and not ours:
        await leave(desk, Spot(chat.id))


async def _ask(desk: Desk, chat: Chat, by: User) -> None:
    for owner in map(Spot, desk.options.owners):
        texts = desk.texts(owner.place, f"{owner.place.bot}:{owner.chat}")
        row = [
            button(texts(f"access.{each}"), APPROVE, f"{each}:{chat.id}") for each in ("yes", "no")
        ]
        words = texts("access.ask", group=chat.title or chat.id, person=by.full_name)
        await desk.tell(owner, words, keyboard=InlineKeyboardMarkup([row]))


async def decided(press: Press) -> str:
    """Let the bot talk in a group, or have it leave; only an owner's word counts."""
    answer, _, chat = press.about.partition(":")
    desk, texts = press.desk, press.texts
    spot = Spot(desk.now_at(int(chat)))
    if press.query.from_user.id not in desk.options.owners:
        return texts("button.not_yours")
    if answer == "yes":
        await desk.conversations.options.set(spot.place, "enabled", True)
        return texts("access.said_yes")
    await desk.conversations.options.unset(spot.place, "enabled")
    await press.answer(texts("access.said_no"))
    await leave(desk, spot)
    return ""


async def leave(desk: Desk, spot: Spot) -> None:
    """Say goodbye to a group and leave it; what was said there goes as where it was removed."""
    await desk.tell(spot, desk.texts(spot.place)("access.goodbye"))

    async def go() -> object:
        return await desk.bot.leave_chat(desk.now_at(spot.chat))

    await desk.call(spot, go)


async def kept_out(room: Room, update: Update) -> None:
    """Tell who may not talk with the bot, once and in private only."""
    user, chat, desk = update.effective_user, update.effective_chat, room.desk
    if user is None or chat is None:
        return
    spot = Spot(chat.id)
    desk.languages.hear(spot.place, author_as(user).id, user)
    words = desk.texts(spot.place, author_as(user).id)("access.closed")
    if update.callback_query:
        await update.callback_query.answer(words)
    elif spot.private and update.message and desk.access.first_time(user.id):
        await desk.tell(spot, words)
