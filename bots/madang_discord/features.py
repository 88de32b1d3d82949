"""What the bot can do beyond talking: each feature is a module of its own, listed once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang.conversation import Reply, Update
    from madang_discord.content import Attached
    from madang_discord.ears import Ears
    from madang_discord.reading import Heard
    from madang_discord.talk import Talk


class Feature:
    """Add something to the bot; what is not overridden does nothing.

    A feature lives as long as the process, a client only until its connection fails.
    """

    def __init__(self, talk: "Talk") -> None:
        self.talk = talk

    async def attach(self, client: "Ears") -> None:
        """Add commands, views and listeners to a new client, before it connects."""

    async def ready(self, client: "Ears") -> None:
        """Begin, or go on, now that a client is connected and knows its servers."""

    async def close(self) -> None:
        """End what goes on, while the last connection is still there."""

    async def takes(self, heard: "Heard") -> bool:
        """Take a message that is meant for the bot; True keeps personas from answering it."""
        return False

    async def begins(self, reply: "Reply") -> None:
        """Learn what is needed of an answer that is about to be shown."""

    def under(self, reply: "Reply", update: "Update") -> "Attached | None":
        """Return what stands under an answer now, such as buttons; the first feature wins."""
        return None


def made(talk: "Talk") -> Sequence[Feature]:
    """Make every feature; limits come first, since they see every question and every answer."""
    from madang_discord.awaiting import Awaiting
    from madang_discord.commands import Commands
    from madang_discord.controls import Controls
    from madang_discord.generating import Generating
    from madang_discord.housekeeping import Housekeeping
    from madang_discord.limits import Limits
    from madang_discord.settings import Settings

    own = (Limits, Awaiting, Housekeeping, Settings, Generating, Controls, Commands)
    return [make(talk) for make in (*own, *FEATURES)]


FEATURES: Sequence[Callable[["Talk"], Feature]] = ()
"""The features in the order in which they are asked; each module adds its class here."""
