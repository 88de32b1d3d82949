"""What most tests start from, and how they ask for what discord.py would not send."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
from discord.http import Route

from madang.testing.discord import DiscordServer


class Scene:
    """A guild that invited the bot, a channel in it, and 미나, who is there."""

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self.guild = server.guild("마당")
        self.channel = server.channel(self.guild, "잡담")
        self.mina = server.person("미나", self.guild)

    async def send(self, client: discord.Client, **body: Any) -> dict[str, Any]:
        """Send a message whose body is not checked by discord.py first."""
        path = f"/channels/{self.channel.id}/messages"
        sent: dict[str, Any] = await client.http.request(Route("POST", path), json=body)
        return sent


class Listener(discord.Client):
    """A client that does what it is given for each message."""

    def __init__(
        self,
        hear: Callable[[discord.Message], Awaitable[object]] | None = None,
        *,
        content: bool = True,
        **options: Any,
    ) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__(intents=intents, guild_ready_timeout=0.05, **options)
        self.heard: list[discord.Message] = []
        self._hear = hear

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Begin a new session at once instead of after discord.py's five seconds."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)
        if self._hear is not None and message.author != self.user:
            await self._hear(message)


async def refused(
    answer: Awaitable[object], status: int, code: int, *paths: str
) -> discord.HTTPException:
    """Check that a request is refused so, with mistakes at these paths of the error tree."""
    with pytest.raises(discord.HTTPException) as caught:
        await answer
    error = caught.value
    assert (error.status, error.code) == (status, code), error
    for path in paths:
        assert f"In {path}:" in error.text, error.text
    return error
