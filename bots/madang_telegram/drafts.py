"""Drafts: an answer in a private chat while it is being written, as Telegram shows it natively."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from telegram.error import BadRequest, InvalidToken

from madang.delivery import Gone, Missing, Priority
from madang_telegram.calls import Moved, called
from madang_telegram.desk import Desk
from madang_telegram.places import Spot
from madang_telegram.styled import Styled

_log = logging.getLogger(__name__)

PATIENCE = 3.0


@dataclass(kw_only=True)
class Draft:
    """Show the preview of one answer; `content` makes what it shows when a call may be made.

    An empty text shows that the bot thinks. Telegram's own Stop comes as an update about the id.
    """

    desk: Desk
    spot: Spot
    turn: str
    content: Callable[[], Styled]
    _over: bool = False
    _calm: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Let the Stop button find the answer."""
        self._calm.set()
        self.desk.stoppable[self.spot.chat, self.id] = self.turn

    @property
    def id(self) -> int:
        """Return the draft's id, the same after a restart, never 0."""
        return int(self.turn[:7], 16) + 1

    @property
    def taken(self) -> bool:
        """Say whether Telegram shows this draft, as far as is known."""
        return self.desk.drafting and not self._over

    def show(self) -> None:
        """Show the newest text as soon as a call may be made."""
        if self.taken:
            self.desk.lanes.drafts(self.spot).put(self.turn, self._write, Priority.PREVIEW)

    async def end(self) -> None:
        """Show nothing more, and wait for what is on its way: it must not come after the answer."""
        self._over = True
        self.desk.stoppable.pop((self.spot.chat, self.id), None)
        await self._calm.wait()

    async def _write(self) -> None:
        if self._over:
            return
        self._calm.clear()
        try:
            await called(self._send, self.desk.pace.retry)
        except (Gone, Missing, Moved, BadRequest) as error:
            _log.info("a draft is not shown at %s: %s", self.spot.place.key, error)
            self._over = True
        finally:
            self._calm.set()

    async def _send(self) -> None:
        styled = self.content()
        try:
            await self.desk.bot.send_message_draft(
                self.spot.chat,
                self.id,
                styled.text,
                message_thread_id=self.spot.thread,
                entities=styled.entities() or None,
                read_timeout=PATIENCE,
                api_kwargs={"can_stop": True, "keep_on_stop": True},
            )
        except InvalidToken as error:
            # A server of one's own may be older than drafts, and says 404 to what it lacks.
            _log.warning("this Bot API server takes no drafts: %s", error.message)
            self.desk.drafting = False
