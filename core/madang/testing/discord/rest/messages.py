"""Messages of channels: sending, reading, editing and deleting them, and typing."""

from collections.abc import Mapping

from madang.testing.discord import permissions
from madang.testing.discord.checks.messages import Draft
from madang.testing.discord.refusals import Form, Json, bad, forbidden, unknown
from madang.testing.discord.rest.call import Call, Route
from madang.testing.discord.state import posting, threads
from madang.testing.discord.state.messages import Message, reference_to
from madang.testing.discord.state.places import Place

TWO_WEEKS = 14 * 86_400


def _speaking(call: Call) -> Place:
    """Return the place to send to, woken when it is an archived thread."""
    place = call.place()
    needed = "send_messages_in_threads" if place.thread else "send_messages"
    if not permissions.may(call.world.bot, place, needed):
        raise forbidden()
    if place.guild is None and not all(user.dms_open for user in place.recipients):
        raise forbidden(50007)
    if place.thread is not None and place.archived:
        if place.thread.locked and not permissions.may(call.world.bot, place, "manage_threads"):
            raise bad(50083)
        threads.wake(call.world, place)
    return place


async def create(call: Call) -> Json:
    """Send a message; one with a nonce that was just used is the former one."""
    place, body = _speaking(call), call.json
    draft = call.draft()
    if draft.files and not permissions.may(call.world.bot, place, "attach_files"):
        raise forbidden()
    former = _former(call, place, draft) if body.get("enforce_nonce") else None
    if former is not None:
        return call.show(former)
    reply_to, reference = _referenced(place, body.get("message_reference"))
    message = posting.draw_up(
        call.world, place, call.world.bot, draft, reply_to=reply_to, reference=reference
    )
    if draft.nonce is not None:
        call.world.nonces[place.id, draft.nonce] = (call.world.clock.now(), message.id)
    threads.enter(call.world, place, call.world.bot)
    return call.show(posting.show(call.world, message))


def _former(call: Call, place: Place, draft: Draft) -> Message | None:
    at, key = call.world.nonces.get((place.id, draft.nonce or ""), (0.0, 0))
    recent = call.world.clock.now() - at <= call.world.rules.nonce_memory
    return place.messages.get(key) if recent else None


def _referenced(place: Place, given: Json | None) -> tuple[Message | None, Json | None]:
    """Return the message that a new one replies to, and the reference to show."""
    if given is None:
        return None, None
    target = place.messages.get(int(given["message_id"]))
    if target is None or target.only_for is not None:
        if given.get("fail_if_not_exists", True):
            form = Form()
            form.wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.done()
        return None, None
    return target, reference_to(target)


async def history(call: Call) -> list[Json]:
    """List messages, newest first; nothing without the permission to read history."""
    place, query = call.place(), call.query
    most = int(query.get("limit", "50"))
    if not 1 <= most <= 100:
        form = Form()
        form.wrong("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        form.done()
    if not permissions.may(call.world.bot, place, "read_message_history"):
        return []
    found = sorted((m for m in place.messages.values() if not m.only_for), key=lambda m: m.id)
    return [call.show(message) for message in reversed(_window(found, query, most))]


def _window(found: list[Message], asked: Mapping[str, str], most: int) -> list[Message]:
    """Cut out what before, after or around ask for, oldest first."""
    if "after" in asked:
        return [m for m in found if m.id > int(asked["after"])][:most]
    if "around" in asked:
        middle = int(asked["around"])
        older = [m for m in found if m.id < middle]
        newer = [m for m in found if m.id >= middle]
        return [*older[len(older) - min(len(older), most // 2) :], *newer[: most - most // 2]]
    if "before" in asked:
        found = [m for m in found if m.id < int(asked["before"])]
    return found[-most:]


async def one(call: Call) -> Json:
    """Return one message."""
    return call.show(call.message(call.place("read_message_history")))


async def edit(call: Call) -> Json:
    """Change a message of the bot."""
    place = call.place()
    message = call.message(place)
    if message.author is not call.world.bot:
        raise forbidden(50005)
    if place.archived:
        raise bad(50083)
    draft = call.draft(before=message)
    if draft.files and not permissions.may(call.world.bot, place, "attach_files"):
        raise forbidden()
    return call.show(posting.edit(call.world, message, draft))


async def delete(call: Call) -> None:
    """Delete a message of the bot, or of others where it may manage messages."""
    place = call.place()
    message = call.message(place)
    mine = message.author is call.world.bot
    if not mine and (place.guild is None or not _manages(call, place)):
        raise forbidden(50013 if place.guild else 50001)
    posting.delete(call.world, message)


def _manages(call: Call, place: Place) -> bool:
    return permissions.may(call.world.bot, place, "manage_messages")


async def delete_bulk(call: Call) -> None:
    """Delete 2 to 100 messages that are younger than two weeks."""
    place = call.place("manage_messages")
    keys = [int(key) for key in call.json.get("messages", [])]
    if not 2 <= len(keys) <= 100:
        raise bad(50016)
    found = [place.messages[key] for key in keys if key in place.messages]
    if any(call.world.clock.now() - message.at > TWO_WEEKS for message in found):
        form = Form()
        form.wrong("messages", "MESSAGE_TOO_OLD", "Messages are older than two weeks")
        form.done()
    if found:
        posting.delete(call.world, *found, bulk=True)


async def typing(call: Call) -> None:
    """Show the bot as typing for ten seconds."""
    place = _speaking(call)
    name = place.guild.name_of(call.world.bot) if place.guild else call.world.bot.name
    place.transcript.typing(name, call.world.clock.now())


def _emoji(call: Call) -> str:
    emoji = call.parts["emoji"]
    if emoji.isascii():
        raise unknown(10014)
    return emoji


async def react(call: Call) -> None:
    """Add a reaction of the bot."""
    place = call.place("read_message_history")
    message = call.message(place)
    if place.archived:
        raise bad(50083)
    emoji = _emoji(call)
    if emoji not in message.reactions and not permissions.may(
        call.world.bot, place, "add_reactions"
    ):
        raise forbidden()
    posting.react(call.world, message, call.world.bot, emoji)


async def unreact(call: Call) -> None:
    """Take away a reaction of the bot, or of others where it may manage messages."""
    mine = call.parts["user"] == "@me"
    place = call.place(*(() if mine else ("manage_messages",)))
    user = call.world.bot if mine else call.world.users.get(call.number("user"))
    if user is None:
        raise unknown(10013)
    posting.unreact(call.world, call.message(place), user, _emoji(call))


BY = ("channel",)
_ALL = "/channels/{channel}/messages"
_ONE = "/channels/{channel}/messages/{message}"
_REACTION = _ONE + "/reactions/{emoji}/"
ROUTES = [
    Route(method="POST", path=_ALL, handler=create, rate="message.create", major=BY),
    Route(method="GET", path=_ALL, handler=history, major=BY),
    Route(method="POST", path=_ALL + "/bulk-delete", handler=delete_bulk, major=BY),
    Route(method="GET", path=_ONE, handler=one, major=BY),
    Route(method="PATCH", path=_ONE, handler=edit, rate="message.edit", major=BY),
    Route(method="DELETE", path=_ONE, handler=delete, rate="message.delete", major=BY),
    Route(
        method="POST", path="/channels/{channel}/typing", handler=typing, rate="typing", major=BY
    ),
    Route(method="PUT", path=_REACTION + "@me", handler=react, rate="reaction", major=BY),
    Route(method="DELETE", path=_REACTION + "{user}", handler=unreact, rate="reaction", major=BY),
]
