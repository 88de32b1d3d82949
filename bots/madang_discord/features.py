"""What the bot can do beyond talking: each feature is a module of its own."""

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from madang.conversation import Reply, Update
    from madang_discord.asking import Asked
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

    @classmethod
    def of(cls, talk: "Talk") -> Self:
        """Return the one that a bot has."""
        return next(each for each in talk.features if isinstance(each, cls))

    async def attach(self, client: "Ears") -> None:
        """Add commands, views and listeners to a new client, before it connects."""

    async def ready(self, client: "Ears") -> None:
        """Begin, or go on, now that a client is connected and knows its servers."""

    async def close(self) -> None:
        """End what goes on, while the last connection is still there."""

    async def takes(self, heard: "Heard") -> bool:
        """Take a message that is meant for the bot; True keeps personas from answering it."""
        return False

    async def submitted(self, asked: "Asked") -> None:
        """Learn that a dialogue was sent, which may be one from before a restart."""

    async def begins(self, reply: "Reply") -> None:
        """Learn what is needed of an answer that is about to be shown."""

    def under(self, reply: "Reply", update: "Update") -> "Attached | None":
        """Return what stands under an answer now, such as buttons; the first feature wins."""
        return None
