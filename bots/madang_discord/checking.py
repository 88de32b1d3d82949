"""What `madang bot discord --check` finds on Discord itself."""

from collections.abc import AsyncIterator

import aiohttp
import discord

from madang.errors import MadangError
from madang.models.checks.finding import Finding
from madang_discord.options import DiscordOptions, token_of
from madang_discord.portal import Introduction, introduced
from madang_discord.serving import unknown_token


async def examine(options: DiscordOptions) -> AsyncIterator[Finding]:
    """Look at the token, and at what Discord says of who has it."""
    try:
        found = await introduced(token_of(options))
    except MadangError as error:
        yield Finding("failure", "token", error.message, error.hint)
    except discord.LoginFailure:
        unknown = unknown_token()
        yield Finding("failure", "token", unknown.message, unknown.hint)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        hint = "Check the network of this machine, and https://discordstatus.com."
        yield Finding("failure", "discord", f"cannot be reached: {error}", hint)
    else:
        for each in _findings(found):
            yield each


def _findings(found: Introduction) -> list[Finding]:
    return [
        Finding("ok", "token", f"valid: {found.user}"),
        Finding("ok", "application", str(found.application)),
        *(Finding("warning", "intents", warning) for warning in found.warnings),
        *([Finding("ok", "intents", "message content")] if found.reads else []),
        Finding("ok", "invitation", found.invitation),
    ]
