"""What somebody said to the bot."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.contract import Author, Place
from madang.conversation import Said
from madang_telegram.places import Spot

if TYPE_CHECKING:
    from telegram import Message


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Hold a message that is for the bot.

    `text` is without what addressed the bot, `persona` is whom it addressed, and `quoted` what
    somebody else said that it replies to. `about` is the message itself where it brings a file,
    else whatever message it replies to. `cut` says that the client may have cut it off: more of it
    follows. `forwarded` says that it was written for others.
    """

    spot: Spot
    author: Author
    message_id: int
    text: str
    created: float
    persona: str = ""
    quoted: Said | None = None
    cut: bool = False
    forwarded: bool = False
    about: "Message | None" = None

    @property
    def place(self) -> Place:
        """Return where it was said."""
        return self.spot.place
