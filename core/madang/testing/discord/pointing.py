"""Pointing discord.py at the stand-in instead of the live service."""

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def pointed_at(url: str) -> Iterator[None]:
    """Let every discord.py client made meanwhile talk to the stand-in at `url`.

    discord.py keeps its addresses in class attributes, so this holds for the whole process.
    """
    import discord
    import yarl
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    former = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE
    Route.BASE = f"{url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{url}/gateway/".replace("http", "ws", 1))
    discord.Asset.BASE = url
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE = former
