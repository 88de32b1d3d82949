"""Commands as a person meets them: finding one by what is typed, and filling its options."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from madang.testing.discord import permissions
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.attachments import Upload
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.posting import attach
from madang.testing.discord.state.users import Role, User
from madang.testing.discord.state.world import World

TEXT, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE = 3, 4, 5, 6, 7, 8, 9, 10, 11
TYPES: dict[int, tuple[type, ...]] = {
    TEXT: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    NUMBER: (int, float),
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """Be a command with the subcommands that were typed; `options` are the innermost ones."""

    command: Json
    steps: tuple[Json, ...]
    options: list[Json]

    def option(self, name: str, locale: str) -> Json:
        """Return an option by its name, or its name in the person's language."""
        return _pick(self.options, name, locale, "option")


def offered(world: World, person: User, place: Place) -> list[Json]:
    """List the commands that a person is offered in a place."""
    guild = place.guild
    here = guild is not None and world.bot.id in guild.members
    scopes = (None, str(guild.id)) if guild is not None and here else (None,)
    listed = (c for c in world.commands.values() if c.get("guild_id") in scopes)
    return [c for c in listed if _fits(world, c, person, place, here=here)]


def _fits(world: World, command: Json, person: User, place: Place, *, here: bool) -> bool:
    context = 1 if place.guild is None else 0
    if command["contexts"] is not None and context not in command["contexts"]:
        return False
    if context == 1 and command["dm_permission"] is False:
        return False
    kinds = command["integration_types"]
    if not (here and 0 in kinds) and not (person.id in world.installed_by and 1 in kinds):
        return place.guild is None and 0 in kinds
    needed = int(command["default_member_permissions"] or 0)
    rights = permissions.of_user(person, place)
    return place.guild is None or rights & needed == needed


def find(world: World, person: User, place: Place, typed: str) -> Found:
    """Return the command for what is typed after the slash; AssertionError if none is offered."""
    words = typed.removeprefix("/").split()
    level = [c for c in offered(world, person, place) if c["type"] == 1]
    command = _pick(level, words[0], person.locale, "command")
    steps: list[Json] = []
    level = command.get("options") or []
    for word in words[1:]:
        steps.append(_pick(level, word, person.locale, "subcommand"))
        level = steps[-1].get("options") or []
    if any(option["type"] in (1, 2) for option in level):
        raise AssertionError(f"/{typed} wants one of {[option['name'] for option in level]}")
    return Found(command=command, steps=tuple(steps), options=level)


def find_menu(world: World, person: User, place: Place, name: str, kind: int) -> Json:
    """Return a context menu command by its name in any language."""
    level = [c for c in offered(world, person, place) if c["type"] == kind]
    return _pick(level, name, person.locale, "context menu")


def _pick(level: Iterable[Json], name: str, locale: str, what: str) -> Json:
    items = list(level)
    for item in items:
        if name in (item["name"], (item.get("name_localizations") or {}).get(locale)):
            return item
    raise AssertionError(f"no {what} {name!r} is offered, only {[i['name'] for i in items]}")


def data_of(found: Found, options: list[Json], resolved: Json) -> Json:
    """Return the data of a command interaction, options inside of their subcommands."""
    inner = options
    for step in reversed(found.steps):
        inner = [{"name": step["name"], "type": step["type"], "options": inner}]
    return {
        "id": found.command["id"],
        "name": found.command["name"],
        "type": found.command["type"],
        "options": inner,
        "resolved": resolved,
        **({"guild_id": found.command["guild_id"]} if "guild_id" in found.command else {}),
    }


def fill(
    world: World, person: User, place: Place, found: Found, given: Mapping[str, object]
) -> tuple[list[Json], Json]:
    """Return options and resolved objects; AssertionError where a person could not send it."""
    resolved: Json = {}
    filled = []
    for name, value in given.items():
        option = found.option(name, person.locale)
        sent = _sent(world, place, option, value, resolved)
        filled.append({"name": option["name"], "type": option["type"], "value": sent})
    names = {option["name"] for option in filled}
    missing = [o["name"] for o in found.options if o.get("required") and o["name"] not in names]
    if missing:
        raise AssertionError(f"/{found.command['name']} needs {missing}")
    return filled, resolved


def _sent(world: World, place: Place, option: Json, value: object, resolved: Json) -> object:
    kind = option["type"]
    if kind in (USER, CHANNEL, ROLE, MENTIONABLE, FILE):
        return resolve(world, place, value, resolved)
    wanted = TYPES[kind]
    if not isinstance(value, wanted):
        raise AssertionError(f"option {option['name']} takes {wanted}, not {value!r}")
    choices = option.get("choices") or []
    if choices:
        by_name = {choice["name"]: choice["value"] for choice in choices}
        if value not in by_name and value not in by_name.values():
            raise AssertionError(f"option {option['name']} has the choices {list(by_name)}")
        return by_name.get(value, value)
    if isinstance(value, str) and not (
        option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000)
    ):
        raise AssertionError(f"option {option['name']} does not take {len(value)} characters")
    return value


def resolve(world: World, place: Place, value: object, resolved: Json) -> str:
    """Put an object into `resolved` and return its id."""
    if isinstance(value, Upload):
        attachment = attach(world, place, value)
        resolved.setdefault("attachments", {})[str(attachment.id)] = attachment.payload()
        return str(attachment.id)
    if isinstance(value, User):
        resolved.setdefault("users", {})[str(value.id)] = value.payload()
        member = place.guild.member(value) if place.guild else None
        if member is not None:
            rights = {"permissions": str(permissions.of_user(value, place))}
            body = {**member.payload(user=False), **rights}
            resolved.setdefault("members", {})[str(value.id)] = body
    elif isinstance(value, Role):
        resolved.setdefault("roles", {})[str(value.id)] = value.payload()
    elif isinstance(value, Place):
        body = {**value.payload(world.bot), "permissions": "0"}
        resolved.setdefault("channels", {})[str(value.id)] = body
    elif isinstance(value, Message):
        resolved.setdefault("messages", {})[str(value.id)] = value.payload(world.bot)
    else:
        raise AssertionError(f"{value!r} cannot be chosen")
    return str(value.id)
