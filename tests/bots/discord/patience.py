"""Waiting for what rings no bell: what the bot has heard, and what the store holds."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import Bot

from madang.contract import Place
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place as Channel
from madang_discord.reading import Heard


async def comes(check: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until it is so; each look waits for the store."""
    async with asyncio.timeout(5):
        while not await check():  # noqa: ASYNC110 - nothing rings a bell
            await asyncio.sleep(0)


async def ended(scene: Scene, channel: Channel, text: str, button: str = "다시") -> Message:
    """Wait for a message of the bot that ended an answer and holds a text."""
    found: Message = await channel.finds(
        lambda m: m.author is scene.server.bot and text in m.content and button in m.buttons
    )
    return found


async def until_said(bot: Bot, place: Place, text: str) -> None:
    """Wait until a conversation holds words."""

    async def said() -> bool:
        return text in await bot.shown(place)

    await comes(said)


async def until_waiting(bot: Bot, *texts: str) -> None:
    """Wait until exactly these words are collected, and nobody was asked yet."""

    async def collected() -> bool:
        return sorted(waiting(bot)) == sorted(texts)

    await comes(collected)


def waiting(bot: Bot) -> list[str]:
    """List what was heard and not asked yet."""
    found = list[str]()

    def look(part: Heard) -> Heard:
        found.append(part.text)
        return part

    bot.serving.hearing._bursts.change(look)
    return found


async def all_asked(bot: Bot) -> None:
    """End what people are sending, and wait until all of it is answered."""
    await bot.serving.hearing._bursts.close()
    await bot.yard.conversations.settled()
