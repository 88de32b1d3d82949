"""What the buttons under an answer do: stop it, try again, show its variants, go on."""

import msgspec
from telegram import CallbackQuery

from madang.contract import Found, Turn
from madang.conversation import Reply, Update
from madang.delivery import Gone
from madang.errors import TurnNotFound
from madang_telegram.desk import Desk
from madang_telegram.places import Spot, author_as, spot_of_query
from madang_telegram.rights import may_change
from madang_telegram.room import Room
from madang_telegram.showing import Answer


async def stop(room: Room, query: CallbackQuery, turn: str) -> str:
    """Stop an answer that is on its way."""
    found, toast = await _theirs(room, query, turn)
    if found is None or await room.desk.conversations.controls.stop(turn):
        return toast
    return room.desk.texts(spot_of_query(query).place, author_as(query.from_user).id)(
        "stop.nothing"
    )


async def retry(room: Room, query: CallbackQuery, turn: str) -> str:
    """Answer once more; the new variant comes in the same messages."""
    found, toast = await _theirs(room, query, turn)
    if found is not None:
        await room.desk.conversations.controls.retry(turn)
    return toast


async def go_on(room: Room, query: CallbackQuery, turn: str) -> str:
    """Continue an answer that was cut."""
    found, toast = await _theirs(room, query, turn)
    if found is not None:
        await room.desk.conversations.controls.go_on(turn)
    return toast


async def before(room: Room, query: CallbackQuery, turn: str) -> str:
    """Show the variant before, which is the history from now on."""
    return await _page(room, query, turn, -1)


async def after(room: Room, query: CallbackQuery, turn: str) -> str:
    """Show the variant after, which is the history from now on."""
    return await _page(room, query, turn, 1)


async def _page(room: Room, query: CallbackQuery, turn: str, step: int) -> str:
    found, toast = await _theirs(room, query, turn)
    if found is not None:
        on_screen = await _chosen(room.desk, turn)
        await room.desk.conversations.controls.turn_page(turn, step)
        await _show(room.desk, found, on_screen.message_ids)
    return toast


async def _show(desk: Desk, found: Found, messages: tuple[str, ...]) -> None:
    """Bring messages to the chosen variant; whoever turns pages last is shown last."""
    shown = ""
    place = found.conversation.place
    persona = (await desk.conversations.current(place)).persona
    while (turn := await _chosen(desk, found.turn.id)).id != shown:
        again = msgspec.structs.replace(turn, message_ids=messages)
        reply = Reply(place, again, persona, latest=Update.of(turn))
        answer = Answer(desk=desk, reply=reply, attaching=False)
        try:
            await answer.show()
        except Gone:
            return
        messages, shown = tuple(answer.growing.messages), turn.id
        await desk.conversations.messages.shown_as(turn.id, messages)


async def _chosen(desk: Desk, turn: str) -> Turn:
    variants = await desk.conversations.controls.variants(turn)
    if not variants:
        raise TurnNotFound(f"There is no answer {turn}.", "It may have been deleted.")
    return next((each for each in variants if each.chosen), variants[-1])


async def _theirs(room: Room, query: CallbackQuery, turn: str) -> tuple[Found | None, str]:
    """Return the turn of a button, or None and why this person may not press it here.

    What a button sends could be made up: the turn has to be one of this chat.
    """
    texts = room.desk.texts(spot_of_query(query).place, author_as(query.from_user).id)
    found = await room.desk.yard.store.locate(turn)
    if found is None or Spot.of(found.conversation.place).chat != spot_of_query(query).chat:
        return None, texts("button.old")
    if not await may_change(room.desk, found, author_as(query.from_user).id):
        return None, texts("button.not_yours")
    return found, ""
