"""Application commands, global and of guilds."""

from madang.testing.discord.checks.commands import CHAT, check_command, check_commands
from madang.testing.discord.refusals import Form, Json, bad, forbidden, unknown
from madang.testing.discord.rest.call import Call, Created, Route
from madang.testing.discord.state.world import World

DAY = 86_400.0
LEFT_OUT_WHEN_EMPTY = ("required", "autocomplete", "options", "choices")


def _scope(call: Call) -> int | None:
    """Return the guild that commands are asked for, None for global ones."""
    if call.number("application") != call.world.bot.id:
        raise forbidden(50001)
    if "guild" not in call.parts:
        return None
    key = call.number("guild")
    guild = call.world.guilds.get(key)
    if guild is None or call.world.bot.id not in guild.members:
        raise forbidden(50001)
    return key


def of_scope(world: World, guild: int | None) -> list[Json]:
    """List the commands of a guild, or the global ones."""
    wanted = None if guild is None else str(guild)
    return [command for command in world.commands.values() if command.get("guild_id") == wanted]


def _key(command: Json) -> tuple[int, str]:
    return command.get("type", CHAT), command["name"]


def _one(call: Call) -> Json:
    scope = _scope(call)
    found = call.world.commands.get(call.number("command"))
    if found is None or found not in of_scope(call.world, scope):
        raise unknown(10063)
    return found


async def listed(call: Call) -> list[Json]:
    """List commands; translations are left out unless they are asked for."""
    found = of_scope(call.world, _scope(call))
    if call.query.get("with_localizations") in ("1", "true", "True"):
        return found
    return [_untranslated(command) for command in found]


def _untranslated(item: Json) -> Json:
    kept = {key: value for key, value in item.items() if not key.endswith("_localizations")}
    for key in ("options", "choices"):
        if key in kept:
            kept[key] = [_untranslated(part) for part in kept[key]]
    return kept


async def replace(call: Call) -> list[Json]:
    """Put a whole set in the place of what was; commands of the same name keep their id."""
    scope = _scope(call)
    if not isinstance(call.body, list):
        form = Form()
        form.wrong("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        form.done()
    wanted: list[Json] = list(call.body)
    check_commands(wanted)
    former = {_key(command): command for command in of_scope(call.world, scope)}
    _spend(call, scope, sum(_key(command) not in former for command in wanted))
    for command in former.values():
        del call.world.commands[int(command["id"])]
    return [_keep(call, scope, command, former.get(_key(command))) for command in wanted]


async def create(call: Call) -> Json | Created:
    """Create a command, or change the one of the same name."""
    scope, body = _scope(call), call.json
    check_command(body)
    former = {_key(command): command for command in of_scope(call.world, scope)}
    check_commands([body, *(c for key, c in former.items() if key != _key(body))])
    if _key(body) in former:
        return _keep(call, scope, body, former[_key(body)])
    _spend(call, scope, 1)
    return Created(body=_keep(call, scope, body, None))


async def one(call: Call) -> Json:
    """Return a command."""
    return _one(call)


async def edit(call: Call) -> Json:
    """Change a command."""
    former = _one(call)
    body = {**former, **call.json}
    check_command(body)
    return _keep(call, _scope(call), body, former)


async def delete(call: Call) -> None:
    """Delete a command."""
    del call.world.commands[int(_one(call)["id"])]


def _spend(call: Call, scope: int | None, creates: int) -> None:
    """Count creations, of which 200 a day are allowed for each guild and globally."""
    now = call.world.clock.now()
    spent = call.world.created_commands.setdefault(scope or 0, [])
    spent[:] = [at for at in spent if now - at < DAY]
    if len(spent) + creates > call.world.rules.creates_a_day:
        raise bad(30034)
    spent += [now] * creates


def _keep(call: Call, scope: int | None, body: Json, former: Json | None) -> Json:
    """Enter a command with the fields that the service adds, and return it."""
    world = call.world
    key = int(former["id"]) if former else world.ids.make()
    base: Json = {
        "type": CHAT,
        "description": "",
        "default_member_permissions": None,
        "nsfw": False,
        "contexts": None,
        "integration_types": [0],
        "name_localizations": None,
        "description_localizations": None,
    }
    command = {
        **base,
        **_compact(body),
        "id": str(key),
        "application_id": str(world.bot.id),
        "version": str(world.ids.make()),
    }
    command.setdefault("dm_permission", True)
    if scope is not None:
        command["guild_id"] = str(scope)
    world.commands[key] = command
    return command


def _compact(item: Json) -> Json:
    """Leave out what the service does not repeat: false flags and empty lists."""
    kept = {
        key: value
        for key, value in item.items()
        if value is not None and (value or key not in LEFT_OUT_WHEN_EMPTY)
    }
    for key in ("options", "choices"):
        if key in kept:
            kept[key] = [_compact(part) for part in kept[key]]
    return kept


_GLOBAL = "/applications/{application}/commands"
_GUILD = "/applications/{application}/guilds/{guild}/commands"
ROUTES = [
    route
    for path, major in ((_GLOBAL, ()), (_GUILD, ("guild",)))
    for route in (
        Route(method="GET", path=path, handler=listed, major=major),
        Route(method="PUT", path=path, handler=replace, major=major),
        Route(method="POST", path=path, handler=create, major=major),
        Route(method="GET", path=path + "/{command}", handler=one, major=major),
        Route(method="PATCH", path=path + "/{command}", handler=edit, major=major),
        Route(method="DELETE", path=path + "/{command}", handler=delete, major=major),
    )
]
