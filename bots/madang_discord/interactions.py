"""Answering what people press and choose: in time, in their language, and where they did it."""

import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import discord
from discord import app_commands

from madang.conversation import problem_of
from madang.errors import MadangError
from madang_discord import rest
from madang_discord.asking import Asked, words_for
from madang_discord.personas import NoSuchPersona
from madang_discord.places import BOT
from madang_discord.wording import small

_log = logging.getLogger(__name__)

LOST = (*rest.LOST, discord.InteractionResponded)
ALREADY = 40060
PUBLIC = "public"
"""Marks an interaction whose answer so far only says, to everybody, that one is on its way."""


async def acknowledge(asked: Asked, *, ephemeral: bool = True) -> None:
    """Say in time that it was heard; an interaction that comes too late is done all the same.

    A command that is not `ephemeral` is seen to be thinking by everybody; a button shows nothing.
    """
    if not ephemeral:
        asked.extras[PUBLIC] = True
    with _lost_is_logged(asked, "an interaction was not acknowledged"):
        await asked.response.defer(ephemeral=ephemeral)


async def show_thinking(asked: Asked) -> str:
    """Show everybody that an answer is on its way; return the message, empty where there is none.

    It is no deferral, so that the bot can write to it as to any other message of its own.
    """
    message = None
    with _lost_is_logged(asked, "an interaction was not answered"):
        message = (await asked.response.send_message(thinking(asked))).message_id
    message = message or await _shown_all_the_same(asked)
    if message is None:
        return ""
    asked.extras[PUBLIC] = True
    return str(message)


def thinking(asked: Asked) -> str:
    """Word that an answer is on its way."""
    return f"💭 {words_for(asked)('progress.generating')}"


async def _shown_all_the_same(asked: Asked) -> int | None:
    """Return the message that was sent though nobody heard of it."""
    lost = _lost_is_logged(asked, "what was sent is not there")
    with contextlib.suppress(discord.ClientException), lost:
        return (await asked.original_response()).id
    return None


async def tell(asked: Asked, text: str, **more: Any) -> bool:
    """Tell somebody something that nobody else sees; False where it does not reach them.

    What told everybody that an answer is on its way is taken back first: what comes after a
    deferral would take its place, and its audience.
    """
    with _lost_is_logged(asked, "somebody cannot be told"):
        if not await _answered(asked, text, more):
            if asked.extras.pop(PUBLIC, False):
                await asked.delete_original_response()
            await asked.followup.send(text, ephemeral=True, **more)
        return True
    return False


@contextlib.contextmanager
def _lost_is_logged(asked: Asked, what: str) -> Iterator[None]:
    """Log, and no more, that an interaction ended too early for what is done in the block."""
    try:
        yield
    except LOST as error:
        _log.info("%s: %s", what, error)
    except RuntimeError as error:
        # So aiohttp says that the connection ended meanwhile.
        if not asked.client.is_closed():
            raise
        _log.info("%s: %s", what, error)


async def _answered(asked: Asked, text: str, more: dict[str, Any]) -> bool:
    """Tell it as the answer itself; False where there is an answer already."""
    if asked.response.is_done() or asked.extras.get(PUBLIC):
        return False
    try:
        await asked.response.send_message(text, ephemeral=True, **more)
    except discord.HTTPException as error:
        if error.code != ALREADY:
            raise
        return False
    return True


async def failed(asked: Asked, error: BaseException) -> None:
    """Tell whoever asked why it is not done; what nobody foresaw goes to the log."""
    if asked.client.is_closed():
        _log.info("an interaction was cut off by the end of the connection: %s", error)
    elif asked.type is discord.InteractionType.autocomplete:
        _log.warning("nothing can be offered: %s", error)
    elif isinstance(error, MadangError):
        asked.client.talk.yard.monitor.refused(BOT.key, error)
        await tell(asked, worded(asked, error))
    elif isinstance(error, app_commands.CheckFailure):
        await tell(asked, words_for(asked)("settings.not_allowed"))
    elif isinstance(error, LOST):
        _log.info("an interaction was not answered: %s", error)
    else:
        _log.error("an interaction failed", exc_info=error)
        await tell(asked, small(words_for(asked)("problem.internal")))


def worded(asked: Asked, error: MadangError) -> str:
    """Word an error for whoever asks, with the name that they may have meant."""
    texts = words_for(asked)
    lines = [texts.problem(problem_of(error))]
    if isinstance(error, NoSuchPersona) and error.near:
        lines.append(texts("hint.nearest", names=", ".join(error.near)))
    return small("\n".join(lines))


@contextlib.asynccontextmanager
async def telling(asked: Asked) -> AsyncIterator[None]:
    """Tell what goes wrong in the block to whoever pressed; discord.py would tell nobody."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, they wait for a word
        await failed(asked, error)


def itself(asked: Asked) -> bool:
    """Say whether the bot can write there by itself, and not only by this interaction."""
    if asked.context.dm_channel:
        return True
    given = asked.app_permissions
    thread = isinstance(asked.channel, discord.Thread)
    speaks = given.send_messages_in_threads if thread else given.send_messages
    return asked.is_guild_integration() and given.view_channel and speaks
