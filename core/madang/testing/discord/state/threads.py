"""Threads: opening, joining, leaving and archiving them."""

from madang.testing.discord.refusals import Json, bad
from madang.testing.discord.state.messages import THREAD_STARTER, Flag, Message, reference_to
from madang.testing.discord.state.places import Kind, Place, Thread
from madang.testing.discord.state.posting import changed, show
from madang.testing.discord.state.users import User
from madang.testing.discord.state.world import World


def open_thread(
    world: World,
    parent: Place,
    owner: User,
    name: str,
    *,
    start: Message | None = None,
    private: bool = False,
    keep_minutes: int = 1440,
) -> Place:
    """Open a thread in a channel; one that starts from a message has the message's id."""
    if start is not None and start.thread is not None:
        raise bad(160004)
    now = world.clock.now()
    place = Place(
        id=start.id if start else world.ids.make(),
        kind=Kind.PRIVATE_THREAD if private else Kind.PUBLIC_THREAD,
        name=name,
        guild=parent.guild,
        parent=parent,
        thread=Thread(owner=owner, made=now, changed=now, keep_minutes=keep_minutes),
    )
    world.keep(place)
    if place.thread is not None:
        place.thread.members[owner.id] = now
    world.tell("THREAD_CREATE", {**place.payload(world.bot), "newly_created": True}, place=place)
    if start is not None:
        _start(world, place, start, owner)
    return place


def _start(world: World, place: Place, start: Message, owner: User) -> None:
    start.thread = place
    start.flags |= Flag.HAS_THREAD
    changed(world, start)
    message = Message(id=world.ids.make(), place=place, author=owner, at=world.clock.now())
    message.type, message.reply_to = THREAD_STARTER, start
    message.reference = reference_to(start)
    show(world, message)


def enter(world: World, place: Place, user: User) -> None:
    """Make a user a member of a thread, as speaking in it does."""
    if place.thread is None or user.id in place.thread.members:
        return
    place.thread.members[user.id] = world.clock.now()
    _members(world, place, added=[place.thread_member(user.id)])


def leave(world: World, place: Place, user: User) -> None:
    """End a user's membership of a thread."""
    if place.thread is not None and place.thread.members.pop(user.id, None) is not None:
        _members(world, place, removed=[str(user.id)])


def _members(
    world: World, place: Place, *, added: list[Json] | None = None, removed: list[str] | None = None
) -> None:
    body: Json = {"id": str(place.id), "member_count": len(_thread(place).members)}
    if place.guild is not None:
        body["guild_id"] = str(place.guild.id)
    body["added_members"] = added or []
    body["removed_member_ids"] = removed or []
    world.tell("THREAD_MEMBERS_UPDATE", body, place=place)


def wake(world: World, place: Place) -> None:
    """Take a thread out of the archive, as speaking in it does unless it is locked."""
    if place.archived:
        set_archived(world, place, archived=False)


def set_archived(
    world: World, place: Place, *, archived: bool, locked: bool | None = None, name: str = ""
) -> None:
    """Archive a thread or take it out, lock it or not, rename it."""
    thread = _thread(place)
    thread.archived = archived
    thread.locked = thread.locked if locked is None else locked
    thread.changed = world.clock.now()
    place.name = name or place.name
    world.tell("THREAD_UPDATE", place.payload(world.bot), place=place)


def remove(world: World, place: Place) -> None:
    """Delete a channel or a thread, and a channel's threads with it."""
    kind = "THREAD_DELETE" if place.thread else "CHANNEL_DELETE"
    world.tell(kind, place.payload(world.bot), place=place)
    inner = [one for one in world.places.values() if one.parent is place]
    for gone in (place, *inner):
        world.places.pop(gone.id, None)
        world.webhooks = {k: each for k, each in world.webhooks.items() if each.place is not gone}
        if gone.guild is not None:
            gone.guild.places.pop(gone.id, None)


def _thread(place: Place) -> Thread:
    if place.thread is None:
        raise bad(50083)
    return place.thread
