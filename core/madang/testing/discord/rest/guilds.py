"""Guilds, their channels, roles and members."""

from madang.testing.discord import permissions
from madang.testing.discord.refusals import Form, Json, forbidden, unknown
from madang.testing.discord.rest.call import Call, Created, Route
from madang.testing.discord.state import threads
from madang.testing.discord.state.guilds import Guild
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.users import Member


def _guild(call: Call) -> Guild:
    return call.world.guild(call.number("guild"))


async def guild(call: Call) -> Json:
    """Return a guild."""
    return _guild(call).payload()


async def channels(call: Call) -> list[Json]:
    """List the channels of a guild, threads left out."""
    places = _guild(call).places.values()
    return [place.payload(call.world.bot) for place in places if not place.thread]


async def active_threads(call: Call) -> Json:
    """List the threads that are not archived."""
    found = _guild(call).threads()
    mine = [place for place in found if place.thread and call.world.bot.id in place.thread.members]
    return {
        "threads": [place.payload(call.world.bot) for place in found],
        "members": [place.thread_member(call.world.bot.id) for place in mine],
    }


async def roles(call: Call) -> list[Json]:
    """List the roles."""
    found = _guild(call)
    return [role.payload() for role in (found.everyone, *found.roles.values())]


async def members(call: Call) -> list[Json]:
    """List the members, which needs the members intent."""
    if not call.world.portal.members:
        raise forbidden(50001)
    most = int(call.query.get("limit", "1"))
    after = int(call.query.get("after", "0"))
    found = sorted(_guild(call).members.items())
    return [member.payload() for key, member in found if key > after][:most]


async def member(call: Call) -> Json:
    """Return one member."""
    return _member(call).payload()


def _member(call: Call) -> Member:
    found = _guild(call).members.get(call.number("user"))
    if found is None:
        raise unknown(10007)
    return found


async def edit_self(call: Call) -> Json:
    """Change the bot's own nickname."""
    mine = _guild(call).members[call.world.bot.id]
    mine.nick = call.json.get("nick") or None
    body = {**mine.payload(), "guild_id": str(mine.guild.id)}
    call.world.tell("GUILD_MEMBER_UPDATE", body, guild=mine.guild)
    return mine.payload()


async def create_channel(call: Call) -> Created:
    """Create a text channel."""
    found, body = _guild(call), call.json
    if not permissions.of_member(found.members[call.world.bot.id]) & permissions.bits(
        "manage_channels"
    ):
        raise forbidden()
    form = Form()
    form.length("name", body.get("name"), 1, 100)
    form.done()
    place = call.world.add_channel(found, body["name"], body.get("topic"))
    call.world.tell("CHANNEL_CREATE", place.payload(call.world.bot), place=place)
    return Created(body=place.payload(call.world.bot))


async def channel(call: Call) -> Json:
    """Return a channel, a thread or direct messages."""
    return call.place().payload(call.world.bot)


async def edit_channel(call: Call) -> Json:
    """Rename a channel or a thread, change its topic, archive or lock a thread."""
    place, body = call.place(), call.json
    form = Form()
    if "name" in body:
        form.length("name", body["name"], 1, 100)
    form.done()
    if place.thread is None:
        return _edit_text(call, place, body)
    own = place.thread.owner is call.world.bot and "locked" not in body
    if not own and not permissions.may(call.world.bot, place, "manage_threads"):
        raise forbidden()
    place.thread.keep_minutes = body.get("auto_archive_duration", place.thread.keep_minutes)
    threads.set_archived(
        call.world,
        place,
        archived=body.get("archived", place.archived),
        locked=body.get("locked"),
        name=body.get("name") or "",
    )
    return place.payload(call.world.bot)


def _edit_text(call: Call, place: Place, body: Json) -> Json:
    if not permissions.may(call.world.bot, place, "manage_channels"):
        raise forbidden()
    place.name = body.get("name", place.name)
    place.topic = body.get("topic", place.topic)
    call.world.tell("CHANNEL_UPDATE", place.payload(call.world.bot), place=place)
    return place.payload(call.world.bot)


async def delete_channel(call: Call) -> Json:
    """Delete a channel or a thread, or close direct messages."""
    place = call.place()
    if place.guild is None:
        return place.payload(call.world.bot)
    needed = "manage_threads" if place.thread else "manage_channels"
    if not permissions.may(call.world.bot, place, needed):
        raise forbidden()
    threads.remove(call.world, place)
    return place.payload(call.world.bot)


BY_GUILD, BY_CHANNEL = ("guild",), ("channel",)
ROUTES = [
    Route(method="GET", path="/guilds/{guild}", handler=guild, major=BY_GUILD),
    Route(method="GET", path="/guilds/{guild}/channels", handler=channels, major=BY_GUILD),
    Route(method="POST", path="/guilds/{guild}/channels", handler=create_channel, major=BY_GUILD),
    Route(
        method="GET", path="/guilds/{guild}/threads/active", handler=active_threads, major=BY_GUILD
    ),
    Route(method="GET", path="/guilds/{guild}/roles", handler=roles, major=BY_GUILD),
    Route(method="GET", path="/guilds/{guild}/members", handler=members, major=BY_GUILD),
    Route(method="PATCH", path="/guilds/{guild}/members/@me", handler=edit_self, major=BY_GUILD),
    Route(method="GET", path="/guilds/{guild}/members/{user}", handler=member, major=BY_GUILD),
    Route(method="GET", path="/channels/{channel}", handler=channel, major=BY_CHANNEL),
    Route(method="PATCH", path="/channels/{channel}", handler=edit_channel, major=BY_CHANNEL),
    Route(method="DELETE", path="/channels/{channel}", handler=delete_channel, major=BY_CHANNEL),
]
