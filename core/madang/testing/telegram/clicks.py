"""Clicks: a press on a button, until the bot answers it."""

import asyncio
from dataclasses import dataclass, field

from madang.testing.telegram.changes import PATIENCE
from madang.testing.telegram.messages import Message
from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Json

LIFETIME = 15.0


@dataclass(kw_only=True, eq=False)
class Click:
    """Hold one press; until `done` the button shows that it is waiting."""

    id: str
    user: User
    message: Message
    data: str
    at: float
    answer: str = ""
    alert: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def payload(self) -> Json:
        """Return the CallbackQuery as it travels."""
        message = self.message.payload()
        if self.message.deleted:
            message = {"chat": message["chat"], "message_id": self.message.id, "date": 0}
        return {
            "id": self.id,
            "from": self.user.payload(),
            "message": message,
            "chat_instance": str(self.message.chat.id),
            "data": self.data,
        }

    async def answered(self, within: float = PATIENCE) -> str:
        """Wait for the answer and return its text, often empty."""
        try:
            await asyncio.wait_for(self.done.wait(), within)
        except TimeoutError:
            raise AssertionError(f"nobody answered the press on {self.data!r}") from None
        return self.answer
