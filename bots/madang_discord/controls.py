"""The feature that puts buttons under every answer."""

from typing import TYPE_CHECKING, Any

from madang.contract import TurnState
from madang.conversation import Reply, Update
from madang_discord.buttons import Buttons, Control
from madang_discord.features import Feature

if TYPE_CHECKING:
    from madang_discord.ears import Ears

MOST_KNOWN = 4096


class Controls(Feature):
    """Put buttons under every answer, and let those from before a restart work on."""

    def __init__(self, talk: Any) -> None:
        super().__init__(talk)
        self._pages: dict[str, tuple[int, int]] = {}

    async def attach(self, client: "Ears") -> None:
        """Hear what is pressed."""
        client.add_dynamic_items(Control)

    async def begins(self, reply: Reply) -> None:
        """Learn which of how many variants an answer is."""
        turns = await self.talk.conversations.controls.variants(reply.turn.id)
        ids = [each.id for each in turns]
        if len(self._pages) >= MOST_KNOWN:
            del self._pages[next(iter(self._pages))]
        page = ids.index(reply.turn.id) + 1 if reply.turn.id in ids else 1
        self._pages[reply.turn.id] = (page, len(ids))

    def under(self, reply: Reply, update: Update) -> Buttons:
        """Return the buttons as they are now."""
        page, pages = self._pages.get(reply.turn.id, (1, 1))
        cut = update.cut or update.state is TurnState.STOPPED
        return Buttons(
            turn=reply.turn.id,
            locale=self.talk.locale(reply.place),
            running=not update.final,
            cut=update.final and cut and bool(update.text),
            page=page,
            pages=pages,
        )
