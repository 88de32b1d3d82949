"""Threads of the REST API: opening them, their members, and the archive."""

from madang.testing.discord.refusals import Form, Json, bad, unknown
from madang.testing.discord.rest.call import Call, Created, Route
from madang.testing.discord.state import threads
from madang.testing.discord.state.places import Kind, Place, Thread


def _checked(body: Json) -> tuple[str, int]:
    """Return the name and the minutes until it is archived."""
    form = Form()
    form.length("name", body.get("name"), 1, 100)
    minutes = body.get("auto_archive_duration") or 1440
    if minutes not in (60, 1440, 4320, 10080):
        code = "BASE_TYPE_CHOICES"
        form.wrong("auto_archive_duration", code, "Value must be one of (60, 1440, 4320, 10080).")
    form.done()
    return str(body["name"]), int(minutes)


async def from_message(call: Call) -> Created:
    """Open a thread from a message."""
    place = call.place("create_public_threads")
    name, minutes = _checked(call.json)
    found = threads.open_thread(
        call.world,
        place,
        call.world.bot,
        name,
        start=call.message(place),
        keep_minutes=minutes,
    )
    return Created(body=found.payload(call.world.bot))


async def alone(call: Call) -> Created:
    """Open a thread that starts from nothing; private unless the body says otherwise."""
    body = call.json
    private = body.get("type", Kind.PRIVATE_THREAD) == Kind.PRIVATE_THREAD
    place = call.place("create_private_threads" if private else "create_public_threads")
    name, minutes = _checked(body)
    found = threads.open_thread(
        call.world, place, call.world.bot, name, private=private, keep_minutes=minutes
    )
    return Created(body=found.payload(call.world.bot))


def _thread(call: Call) -> tuple[Place, Thread]:
    place = call.place()
    if place.thread is None:
        raise unknown(10003)
    return place, place.thread


async def join(call: Call) -> None:
    """Let the bot or another user join."""
    place, _ = _thread(call)
    if place.archived:
        raise bad(50083)
    threads.enter(call.world, place, call.world.users[_user(call)])


async def leave(call: Call) -> None:
    """Let the bot or another user leave."""
    place, _ = _thread(call)
    threads.leave(call.world, place, call.world.users[_user(call)])


def _user(call: Call) -> int:
    key = call.world.bot.id if call.parts["user"] == "@me" else call.number("user")
    if key not in call.world.users:
        raise unknown(10013)
    return key


async def members(call: Call) -> list[Json]:
    """List the members of a thread."""
    place, thread = _thread(call)
    return [place.thread_member(key) for key in thread.members]


async def member(call: Call) -> Json:
    """Return one member of a thread."""
    place, thread = _thread(call)
    if _user(call) not in thread.members:
        raise unknown(10007)
    return place.thread_member(_user(call))


async def archived(call: Call) -> Json:
    """List archived public threads of a channel, the latest archived first."""
    place = call.place("read_message_history")
    most = int(call.query.get("limit", "50"))
    found = [
        one
        for one in call.world.places.values()
        if one.parent is place and one.archived and one.kind is Kind.PUBLIC_THREAD
    ]
    found.sort(key=lambda one: one.thread.changed if one.thread else 0.0, reverse=True)
    return {
        "threads": [one.payload(call.world.bot) for one in found[:most]],
        "members": [],
        "has_more": len(found) > most,
    }


BY_CHANNEL = ("channel",)
_MEMBERS = "/channels/{channel}/thread-members"
_FROM = "/channels/{channel}/messages/{message}/threads"
_ARCHIVED = "/channels/{channel}/threads/archived/public"
ROUTES = [
    Route(method="POST", path=_FROM, handler=from_message, major=BY_CHANNEL),
    Route(method="POST", path="/channels/{channel}/threads", handler=alone, major=BY_CHANNEL),
    Route(method="GET", path=_ARCHIVED, handler=archived, major=BY_CHANNEL),
    Route(method="GET", path=_MEMBERS, handler=members, major=BY_CHANNEL),
    Route(method="GET", path=_MEMBERS + "/{user}", handler=member, major=BY_CHANNEL),
    Route(method="PUT", path=_MEMBERS + "/{user}", handler=join, major=BY_CHANNEL),
    Route(method="DELETE", path=_MEMBERS + "/{user}", handler=leave, major=BY_CHANNEL),
]
