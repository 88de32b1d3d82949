"""What `madang bot discord --check` finds on Discord itself; it changes nothing there."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import discord

from madang.errors import MadangError
from madang.models.checks.finding import Finding
from madang_discord import rest
from madang_discord.commands import tree_for
from madang_discord.options import DiscordOptions, token_of
from madang_discord.portal import PORTAL, Introduction, asking, introduction_of, lacking, titles
from madang_discord.publishing import Difference, difference, wanted_of
from madang_discord.serving import unknown_token

Json = dict[str, Any]
LOST = (*rest.LOST, discord.RateLimited)
PAGE = 200
MOST_NAMED = 20
"""How many servers are named that lack something."""
VERIFIED_FROM, VERIFIED_AT = 75, 100
"""From how many servers on a bot may be verified, and at how many it has to be."""


async def examine(options: DiscordOptions) -> AsyncIterator[Finding]:
    """Look at the token, and at what Discord says of who has it."""
    try:
        async with asking(token_of(options)) as client:
            async for each in _findings(client):
                yield each
    except MadangError as error:
        yield Finding("failure", "token", error.message, error.hint)
    except discord.LoginFailure:
        unknown = unknown_token()
        yield Finding("failure", "token", unknown.message, unknown.hint)
    except LOST as error:
        yield _unreachable("discord", error)


async def _findings(client: discord.Client) -> AsyncIterator[Finding]:
    found = introduction_of(client)
    yield Finding("ok", "token", f"valid: {found.user}")
    private = "" if found.public else ", not public: its owner alone can invite it"
    yield Finding("ok", "application", f"{found.application}{private}")
    for each in (_intents(found), _user_install(found)):
        yield each
    try:
        yield _commands(await difference(client, await wanted_of(await tree_for(client))))
    except LOST as error:
        yield _unreachable("commands", error)
    try:
        servers = await _servers(client)
    except LOST as error:
        yield _unreachable("servers", error)
    else:
        for each in _standing(servers, found):
            yield each
    yield Finding("ok", "invitation", found.invitation)
    if found.user_install:
        yield Finding("ok", "for oneself", found.user_invitation)


def _intents(found: Introduction) -> Finding:
    if found.reads:
        return Finding("ok", "intents", "message content")
    return Finding("warning", "intents", *found.warnings)


def _user_install(found: Introduction) -> Finding:
    if found.user_install:
        words = f"possible; about {found.users} people did" if found.users else "possible"
        return Finding("ok", "user install", words)
    return Finding(
        "warning",
        "user install",
        "switched off: nobody can use the commands where the bot is no member",
        f"Switch it on at {PORTAL}, Installation, User Install, or leave it so.",
    )


def _commands(found: Difference) -> Finding:
    """Tell how Discord's list of commands differs from the bot's."""
    if not found:
        return Finding("ok", "commands", "published as they should be")
    rows = (("missing", found.missing), ("changed", found.changed), ("foreign", found.foreign))
    words = "; ".join(f"{what}: {', '.join(names)}" for what, names in rows if names)
    removed = " Foreign ones are removed then." if found.foreign else ""
    hint = f"The bot publishes its commands at the next start.{removed}"
    return Finding("warning", "commands", words, hint)


async def _servers(client: discord.Client) -> Sequence[Json]:
    """List the servers that the bot is in, with what it may do there."""
    found: list[Json] = []
    while True:
        page = await client.http.get_guilds(PAGE, after=found[-1]["id"] if found else None)
        found += [dict(each) for each in page]
        if len(page) < PAGE:
            return found


def _standing(servers: Sequence[Json], found: Introduction) -> Iterator[Finding]:
    """Tell on how many servers the bot is, and on which of them it lacks a permission."""
    yield Finding("ok", "servers", f"in {len(servers)}")
    if len(servers) >= VERIFIED_FROM and not found.user.public_flags.verified_bot:
        yield Finding(
            "warning",
            "servers",
            f"Discord lets a bot that is not verified join {VERIFIED_AT} servers, and no more",
            f"Have it verified: {PORTAL}, App Verification.",
        )
    short = [(each, missing) for each in servers if (missing := _missing(each))]
    for server, missing in short[:MOST_NAMED]:
        yield Finding(
            "warning",
            "permissions",
            f"{server['name']} ({server['id']}) does not give: {titles(missing)}",
            "An admin opens the invitation again, or gives them to the bot's role.",
        )
    if len(short) > MOST_NAMED:
        words = f"{len(short) - MOST_NAMED} more servers do not give all"
        yield Finding("warning", "permissions", words)
    elif servers and not short:
        yield Finding("ok", "permissions", "all that are needed, on every server")


def _missing(server: Json) -> list[str]:
    return lacking(discord.Permissions(int(server["permissions"])))


def _unreachable(what: str, error: Exception) -> Finding:
    """Word why Discord did not answer, and what to do."""
    if isinstance(error, discord.RateLimited) or getattr(error, "status", 0) == 429:
        seconds = (
            f" for {error.retry_after:.0f} s" if isinstance(error, discord.RateLimited) else ""
        )
        hint = "Wait, and see that no other program uses this token."
        return Finding(
            "failure", what, f"Discord wants no calls{seconds}: too many were made", hint
        )
    if isinstance(error, discord.Forbidden):
        hint = f"See that the token is of this application: {PORTAL}."
        return Finding("failure", what, f"Discord does not allow it: {error.text}", hint)
    hint = "Check the network of this machine, and https://discordstatus.com."
    return Finding("failure", what, f"cannot be reached: {error or type(error).__name__}", hint)
