"""Who shows the answers: each goes to the bot of its place, also after a restart."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from madang.contract import Found, PersonaSource, Place, Store
from madang.conversation.reply import Reply, Update
from madang.errors import MadangError

_log = logging.getLogger(__name__)

Deliver = Callable[[Reply], Awaitable[None]]
"""A bot's way to show a reply; it runs in a task of its own beside the answer.

It returns when people see the whole: an answer whose process dies before that is shown by the next.
"""


@dataclass(kw_only=True)
class Showing:
    """Hand every reply to the bot of its place, and remember which were not shown whole."""

    store: Store
    personas: Mapping[str, PersonaSource]
    _bots: dict[str, Deliver] = field(default_factory=dict)

    def begin(self, bot: str, deliver: Deliver) -> None:
        """Deliver to a bot from now on."""
        self._bots[bot] = deliver

    async def deliver(self, reply: Reply) -> None:
        """Have a reply shown, and note that it was."""
        deliver = self._bots.get(reply.place.bot)
        try:
            if deliver:
                await deliver(reply)
        except Exception:  # noqa: BLE001 - the answer is in the store, and other replies go on
            _log.exception("%s could not show an answer", reply.place.key)
        await reply.final()
        try:
            await self.store.shown(reply.turn.id)
        except MadangError as error:
            _log.warning("%s may see an answer twice: %s", reply.place.key, error)

    async def left(self, bot: str, place: Place | None) -> list[Reply]:
        """Return the ended answers that a dead process has not shown whole."""
        found = await self.store.unshown(bot, place)
        return [reply for each in found if (reply := self._reply(each))]

    def _reply(self, found: Found) -> Reply | None:
        turn = found.turn
        source = self.personas.get(turn.persona.partition(":")[0])
        if source is None:
            return None
        return Reply(
            place=found.conversation.place,
            turn=turn,
            persona=source.current(),
            resumed=True,
            latest=Update.of(turn),
        )
