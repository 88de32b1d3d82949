"""Long texts, which clients cut into several messages."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from madang.contract import Place
from madang.conversation import Messages
from madang_telegram.heard import Heard
from madang_telegram.recent import MessageKey, Recent


def together(parts: Sequence[Heard]) -> list[list[Heard]]:
    """Put together what a client has cut apart."""
    found: list[list[Heard]] = []
    for each in parts:
        if found and found[-1][-1].cut:
            found[-1].append(each)
        else:
            found.append([each])
    return found


def joined(pieces: Sequence[Heard]) -> Heard:
    """Make one of the pieces of a text: addressed as the first, under the id of the last."""
    # Where it was cut at a line end, that is gone.
    text = "\n".join(each.text for each in pieces)
    return replace(pieces[0], text=text, message_id=pieces[-1].message_id)


@dataclass(kw_only=True)
class Pieces:
    """Remember the pieces of the texts that were asked, each of which may be edited."""

    messages: Messages
    _texts: Recent[MessageKey, dict[int, str]] = field(default_factory=Recent)

    def __contains__(self, key: MessageKey) -> bool:
        return key in self._texts

    async def note(self, place: Place, pieces: Sequence[Heard]) -> None:
        """Note that what was asked at a place stands in several messages."""
        last = pieces[-1]
        found = await self.messages.find(place, str(last.message_id))
        if found is None or len(pieces) == 1:
            return
        # The first one given is replied to.
        ids = [str(each.message_id) for each in reversed(pieces)]
        await self.messages.shown_as(found.turn.id, ids)
        texts = {each.message_id: each.text for each in pieces}
        for number in texts:
            self._texts.keep((last.spot.chat, number), texts)

    async def whole(self, heard: Heard) -> Heard | None:
        """Return the text that has a piece which says something else now.

        None where the other pieces are not known any more.
        """
        texts = self._texts.get((heard.spot.chat, heard.message_id))
        if texts is not None:
            texts[heard.message_id] = heard.text
            return replace(heard, text="\n".join(texts.values()))
        found = await self.messages.find(heard.place, str(heard.message_id))
        return None if found and len(found.turn.message_ids) > 1 else heard
