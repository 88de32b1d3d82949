"""Users, the application, the gateway's address, and direct messages."""

from madang.testing.discord import permissions
from madang.testing.discord.refusals import Form, Json, forbidden, unknown
from madang.testing.discord.rest.call import Call, Route
from madang.testing.discord.state.guilds import Guild


async def me(call: Call) -> Json:
    """Return the bot's user."""
    return {**call.world.bot.payload(), "verified": True, "mfa_enabled": False, "email": None}


async def user(call: Call) -> Json:
    """Return a user."""
    found = call.world.users.get(call.number("user"))
    if found is None:
        raise unknown(10013)
    return found.payload()


async def application(call: Call) -> Json:
    """Return the bot's application."""
    world = call.world
    scopes = {"scopes": ["applications.commands", "bot"], "permissions": "0"}
    for_users = {**scopes, "scopes": ["applications.commands"]}
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": world.portal.public,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": world.portal.flags(),
        "owner": world.owner.payload(),
        "team": None,
        "interactions_endpoint_url": None,
        "approximate_guild_count": len(_guilds(call)),
        "approximate_user_install_count": len(world.installed_by),
        "integration_types_config": {
            "0": {"oauth2_install_params": scopes},
            **({"1": {"oauth2_install_params": for_users}} if world.portal.user_install else {}),
        },
    }


async def gateway(call: Call) -> Json:
    """Return the gateway's address."""
    return {"url": call.world.gateway_url}


async def gateway_bot(call: Call) -> Json:
    """Return the gateway's address with the advised number of shards."""
    rules, opened = call.world.rules, call.world.sessions_opened
    limit = {
        "total": rules.sessions_a_day,
        "remaining": max(0, rules.sessions_a_day - opened),
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    return {
        "url": call.world.gateway_url,
        "shards": rules.recommended_shards,
        "session_start_limit": limit,
    }


async def guilds(call: Call) -> list[Json]:
    """List a page of the guilds that the bot is in, with what it may do there."""
    most = int(call.query.get("limit", "200"))
    form = Form()
    if not 1 <= most <= 200:
        form.wrong("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 200.")
    form.done()
    after = int(call.query.get("after", "0"))
    found = sorted(_guilds(call), key=lambda guild: guild.id)
    return [_partial(call, each) for each in found if each.id > after][:most]


def _partial(call: Call, guild: Guild) -> Json:
    mine = guild.members[call.world.bot.id]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "banner": None,
        "owner": guild.owner is mine.user,
        "permissions": str(permissions.of_member(mine)),
        "features": [],
    }


async def leave_guild(call: Call) -> None:
    """Let the bot leave a guild."""
    guild = call.world.guild(call.number("guild"))
    call.world.tell("GUILD_DELETE", {"id": str(guild.id)}, guild=guild)
    del guild.members[call.world.bot.id]


async def open_dm(call: Call) -> Json:
    """Open the direct messages with a user."""
    found = call.world.users.get(int(call.json.get("recipient_id", 0)))
    if found is None:
        raise unknown(10013)
    if found is call.world.bot:
        raise forbidden(50007)
    return call.world.dm(found).payload(call.world.bot)


def _guilds(call: Call) -> list[Guild]:
    return [g for g in call.world.guilds.values() if call.world.bot.id in g.members]


ROUTES = [
    Route(method="GET", path="/users/@me", handler=me),
    Route(method="GET", path="/users/@me/guilds", handler=guilds),
    Route(method="DELETE", path="/users/@me/guilds/{guild}", handler=leave_guild),
    Route(method="POST", path="/users/@me/channels", handler=open_dm),
    Route(method="GET", path="/users/{user}", handler=user),
    Route(method="GET", path="/oauth2/applications/@me", handler=application),
    Route(method="GET", path="/applications/@me", handler=application),
    Route(method="GET", path="/gateway", handler=gateway, open=True),
    Route(method="GET", path="/gateway/bot", handler=gateway_bot),
]
