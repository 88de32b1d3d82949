"""Which part of a server a panel of settings is about, also as it stands in a button's id."""

from dataclasses import dataclass

from madang.contract import Place
from madang_discord.places import channel_place, guild_place, thread_place

PATTERN = r"(?P<target>\d+(?:\.\d+)?)"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Name a server, a channel of it, or a thread of a channel; 0 where it is wider."""

    guild: int
    channel: int = 0
    thread: int = 0

    @classmethod
    def read(cls, guild: int, key: str) -> "Target":
        """Read what `key` wrote."""
        channel, _, thread = key.partition(".")
        return cls(guild=guild, channel=int(channel), thread=int(thread or 0))

    @property
    def key(self) -> str:
        """Write it for the id of a button, which is known to belong to the server."""
        return f"{self.channel}.{self.thread}" if self.thread else str(self.channel)

    @property
    def place(self) -> Place:
        """Return the place of which settings are made."""
        if self.thread:
            return thread_place(self.guild, self.channel, self.thread)
        return channel_place(self.guild, self.channel) if self.channel else guild_place(self.guild)

    @property
    def name(self) -> str:
        """Mention the channel or the thread; empty for the whole server."""
        inner = self.thread or self.channel
        return f"<#{inner}>" if inner else ""
