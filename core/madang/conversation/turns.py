"""The turns that are added to a conversation."""

import time
import uuid

from madang.contract import Author, Conversation, Turn, TurnState
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


def voice(persona: str) -> Author:
    """Name a persona as an author."""
    return Author(id=f"persona:{persona}", name=persona)
