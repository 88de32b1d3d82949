"""What the buttons under an answer do: stop it, try again, show its variants, go on."""

from madang.contract import Turn, TurnState
from madang.conversation import Reply
from madang.delivery import Gone
from madang.errors import TurnNotFound
from madang_telegram.answer import Answer
from madang_telegram.desk import Desk
from madang_telegram.places import Spot
from madang_telegram.press import Press
from madang_telegram.rights import may_change


async def stop(press: Press) -> str:
    """Stop an answer that is on its way."""
    refused = await _refused(press)
    if refused or await press.desk.conversations.controls.stop(press.about):
        return refused
    return press.texts("stop.nothing")


async def retry(press: Press) -> str:
    """Answer once more; the new variant comes in the same messages."""
    refused = await _refused(press)
    if not refused:
        await press.desk.conversations.controls.retry(press.about)
    return refused


async def go_on(press: Press) -> str:
    """Continue an answer that was cut."""
    refused = await _refused(press)
    if not refused:
        await press.desk.conversations.controls.go_on(press.about)
    return refused


async def before(press: Press) -> str:
    """Show the variant before, which is the history from now on."""
    return await _page(press, -1)


async def after(press: Press) -> str:
    """Show the variant after, which is the history from now on."""
    return await _page(press, 1)


async def _page(press: Press, step: int) -> str:
    refused, desk = await _refused(press), press.desk
    if refused:
        return refused
    on_screen = await _chosen(desk, press.about)
    turned = await desk.conversations.controls.turn_page(press.about, step)
    reply = await desk.conversations.controls.reply(turned.id, on_screen.message_ids)
    await press.answer()
    await _show(desk, reply)
    return ""


async def _show(desk: Desk, reply: Reply) -> None:
    """Bring messages to the chosen variant; whoever turns pages last is shown last."""
    while True:
        answer = Answer(desk=desk, reply=reply)
        try:
            await answer.show()
        except Gone:
            return
        messages = answer.growing.messages
        await desk.conversations.messages.shown_as(reply.turn.id, messages)
        chosen = await _chosen(desk, reply.turn.id)
        if chosen.id == reply.turn.id or chosen.state is TurnState.PENDING:
            return
        reply = await desk.conversations.controls.reply(chosen.id, messages)


async def _chosen(desk: Desk, turn: str) -> Turn:
    variants = await desk.conversations.controls.variants(turn)
    if not variants:
        raise TurnNotFound(f"There is no answer {turn}.", "It may have been deleted.")
    return next((each for each in variants if each.chosen), variants[-1])


async def _refused(press: Press) -> str:
    """Return why this person may not press this here, empty where they may.

    What a button sends could be made up: the turn has to be one of this chat.
    """
    found = await press.desk.yard.store.locate(press.about)
    if found is None or Spot.of(found.conversation.place).chat != press.spot.chat:
        return press.texts("button.old")
    if not await may_change(press.desk, found, press.person.id):
        return press.texts("button.not_yours")
    return ""
