"""The turns that are added to a conversation."""

import time
import uuid

from madang.contract import Author, Conversation, Store, Turn, TurnState
from madang.conversation.binding import Bound


def question(
    conversation: Conversation,
    author: Author,
    text: str,
    parent: str | None,
    *,
    persona: str = "",
    message_id: str = "",
) -> Turn:
    """Make the turn of somebody who asks; `persona` is whom they address."""
    return Turn(
        id=uuid.uuid4().hex,
        parent=parent,
        conversation=conversation.id,
        role="user",
        author=author,
        created=time.time(),
        persona=persona,
        raw=text,
        shown=text,
        message_ids=(message_id,) if message_id else (),
    )


def pending(
    conversation: Conversation, bound: Bound, parent: str | None, message_ids: tuple[str, ...]
) -> Turn:
    """Make the turn of an answer that is about to be asked for."""
    return Turn(
        id=uuid.uuid4().hex,
        parent=parent,
        conversation=conversation.id,
        role="persona",
        author=voice(bound.persona.name),
        created=time.time(),
        persona=bound.reference,
        model=bound.binding.model,
        state=TurnState.PENDING,
        message_ids=message_ids,
    )


async def question_of(store: Store, answer: Turn) -> Turn | None:
    """Return what an answer answers: the last thing before it that asks, if it is still there.

    What was only heard in between, such as words to somebody else, is none.
    """
    above = await store.turn(answer.parent or "")
    turn = above
    while turn is not None and turn.role == "user":
        if turn.asks:
            return turn
        turn = await store.turn(turn.parent or "")
    return above


def voice(persona: str) -> Author:
    """Name a persona as an author."""
    return Author(id=f"persona:{persona}", name=persona)
