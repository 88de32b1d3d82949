"""What the buttons under an answer do."""

from collections.abc import Awaitable, Callable, Mapping

from madang.contract import Found, Place, Turn, TurnState
from madang.errors import TurnNotFound
from madang_discord.asking import Asked, words_for
from madang_discord.awaiting import Awaiting
from madang_discord.interactions import itself, tell, thinking
from madang_discord.limits import Limits
from madang_discord.places import spot_of


async def found_by(asked: Asked, turn: str) -> Found:
    """Return the turn of a button; what a button sends could be made up, so it must be here."""
    found = await asked.client.talk.yard.store.locate(turn)
    if found is None or spot_of(found.conversation.place).channel != asked.channel_id:
        raise TurnNotFound(f"There is no answer {turn} here.")
    return found


async def _stop(asked: Asked, found: Found) -> None:
    talk = asked.client.talk
    if await talk.conversations.controls.stop(found.turn.id):
        return
    await tell(asked, words_for(asked)("button.ended"))
    if found.turn.state is not TurnState.PENDING:
        # Its end did not reach the message, such as when a process was killed.
        await _divert(asked, found)
        await talk.answers.redraw(found.turn.id, found.turn.message_ids)


async def _retry(asked: Asked, found: Found) -> None:
    if await Limits.of(asked.client.talk).turns_away(asked, found.conversation.place):
        return
    await _divert(asked, found)
    await asked.client.talk.conversations.controls.retry(found.turn.id)


async def last_answer(asked: Asked, place: Place) -> Turn | None:
    """Return the last answer at a place; others may have said more since."""
    history = await asked.client.talk.conversations.history(place)
    return next((turn for turn in reversed(history) if turn.role == "persona"), None)


async def retry_last(asked: Asked, place: Place) -> None:
    """Make the last answer at a place again: in its messages, or in one that can be written."""
    conversations, answer = asked.client.talk.conversations, await last_answer(asked, place)
    question = await conversations.controls.question(answer) if answer else None
    if itself(asked) or question is None or not question.message_ids:
        await conversations.retry(place)
        await tell(asked, words_for(asked)("done.retry"))
        return
    # The first message after the acknowledgement takes its place, and is as private.
    await tell(asked, words_for(asked)("done.retry"))
    awaiting, key = Awaiting.of(asked.client.talk), question.message_ids[-1]
    sent = await asked.followup.send(thinking(asked), wait=True)
    try:
        await awaiting.wait(asked, key, str(sent.id))
        await conversations.retry(place)
    except Exception:
        await awaiting.drop(key)
        await sent.delete()
        raise


async def _more(asked: Asked, found: Found) -> None:
    if await Limits.of(asked.client.talk).turns_away(asked, found.conversation.place):
        return
    await _divert(asked, found)
    await asked.client.talk.conversations.controls.go_on(found.turn.id)


async def _back(asked: Asked, found: Found) -> None:
    await _turn_page(asked, found, -1)


async def _next(asked: Asked, found: Found) -> None:
    await _turn_page(asked, found, 1)


async def _turn_page(asked: Asked, found: Found, step: int) -> None:
    talk = asked.client.talk
    controls = talk.conversations.controls
    shown = next((t for t in await controls.variants(found.turn.id) if t.chosen), found.turn)
    turn = await controls.turn_page(found.turn.id, step)
    await _divert(asked, found)
    await talk.answers.redraw(turn.id, shown.message_ids)


async def _delete(asked: Asked, found: Found) -> None:
    talk = asked.client.talk
    gone = await talk.conversations.controls.delete(found.turn.id)
    ids = {int(message) for turn in gone for message in turn.message_ids}
    if not itself(asked) and asked.message is not None:
        await asked.delete_original_response()
        ids.discard(asked.message.id)
    await talk.delete(found.conversation.place, sorted(ids))


async def _divert(asked: Asked, found: Found) -> None:
    """Let an answer be changed by the interaction where the bot itself cannot write."""
    if itself(asked) or asked.message is None:
        return
    question = await asked.client.talk.conversations.controls.question(found.turn)
    if question is not None and question.message_ids:
        key, message = question.message_ids[-1], str(asked.message.id)
        await Awaiting.of(asked.client.talk).wait(asked, key, message)


ACTIONS: Mapping[str, Callable[[Asked, Found], Awaitable[None]]] = {
    "stop": _stop,
    "retry": _retry,
    "more": _more,
    "back": _back,
    "next": _next,
    "delete": _delete,
}
WRITING = ("retry", "more", "back", "next")
"""What is to be seen by a change of the answer's messages."""
