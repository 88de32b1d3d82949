"""What was said where the bot listens without being asked, written down in its order."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from madang.contract import Author, Conversation, Place, Store, Turn
from madang.conversation.answers import Answers
from madang.conversation.binding import Bound
from madang.conversation.intake import Intake
from madang.conversation.turns import voice
from madang.errors import MessageEmpty, MessageTooLong, Refused


@dataclass(frozen=True, kw_only=True)
class Said:
    """Hold one message of a platform; `created` is in seconds since the epoch.

    With `persona`, it is an answer of that persona that the store has lost.
    """

    author: Author
    text: str
    message_id: str = ""
    created: float = field(default_factory=time.time)
    persona: str = ""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Add to a history without answering."""

    store: Store
    answers: Answers
    intake: Intake

    async def record(self, place: Place, said: Sequence[Said]) -> int:
        """Add messages, the oldest first, to what personas see there; return how many were new.

        A message known by its id is left out, and so is what was said before a reset, and what is
        empty, too long or refused by a filter.
        """
        bound = await self._bound(place)
        kept = [each for each in said if not await self._known(place, each.message_id)]
        cleaned = await self._cleaned(place, kept, bound)
        async with self.answers.locked(place):
            conversation = await self.store.conversation(place)
            new = [each for each in cleaned if each.created >= conversation.since]
            # Somebody else may have recorded the same since we looked.
            new = [each for each in new if not await self._known(place, each.message_id)]
            await self.add(conversation, new)
        return len(new)

    async def add(
        self, conversation: Conversation, said: Sequence[Said], *, asks: bool = False
    ) -> str | None:
        """Append to a history, whose place is locked; return its last turn's id."""
        history = await self.store.history(conversation.id, limit=1)
        last = history[-1].id if history else None
        for each in said:
            last = (await self.store.add(_turn(conversation, each, last, asks))).id
        return last

    async def _cleaned(self, place: Place, said: Sequence[Said], bound: Bound) -> list[Said]:
        """Return what may be taken in, as it is to be stored."""
        cleaned = []
        for each in said:
            try:
                text = await self.intake.text(place, each.author, each.text, bound)
            except (MessageEmpty, MessageTooLong, Refused):
                continue
            cleaned.append(replace(each, text=text))
        return cleaned

    async def _bound(self, place: Place) -> Bound:
        await self.answers.options.refresh()
        conversation = await self.store.conversation(place)
        return self.answers.binder.bind(conversation.persona, place)

    async def _known(self, place: Place, message: str) -> bool:
        found = await self.store.find(place, message) if message else ()
        return any(each.conversation.place == place for each in found)


def _turn(conversation: Conversation, said: Said, parent: str | None, asks: bool) -> Turn:
    persona = said.persona.partition(":")[0]
    return Turn(
        id=uuid.uuid4().hex,
        parent=parent,
        conversation=conversation.id,
        role="persona" if persona else "user",
        author=voice(persona) if persona else said.author,
        created=said.created,
        persona=said.persona,
        raw=said.text,
        shown=said.text,
        message_ids=(said.message_id,) if said.message_id else (),
        asks=asks,
    )
