"""Saying, editing, deleting and reacting: what changes the messages of a place."""

from madang.testing.discord.checks.messages import Draft
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.attachments import Attachment, Upload, guessed_type
from madang.testing.discord.state.mentions import mentions_of
from madang.testing.discord.state.messages import DEFAULT, REPLY, Flag, Message
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.users import User
from madang.testing.discord.state.webhooks import Webhook
from madang.testing.discord.state.world import World


def attach(
    world: World, place: Place, upload: Upload, description: str | None = None
) -> Attachment:
    """Put an upload on the CDN."""
    attachment = Attachment(
        id=world.ids.make(),
        place_id=place.id,
        name=upload.name,
        data=upload.data,
        size=len(upload.data) if upload.size is None else upload.size,
        content_type=upload.content_type or guessed_type(upload.name),
        base_url=world.cdn_url,
        expires=world.clock.now() + world.rules.link_lifetime,
        description=description,
    )
    world.attachments[attachment.id] = attachment
    return attachment


def draw_up(
    world: World,
    place: Place,
    author: User,
    draft: Draft,
    *,
    reply_to: Message | None = None,
    reference: Json | None = None,
    webhook: Webhook | None = None,
) -> Message:
    """Return the message of a draft, mentions resolved, without showing it."""
    message = Message(
        id=world.ids.make(),
        place=place,
        author=author,
        at=world.clock.now(),
        content=draft.content or "",
        embeds=draft.embeds or [],
        components=draft.components or [],
        flags=draft.flags,
        type=DEFAULT if reference is None else REPLY,
        nonce=draft.nonce,
        reference=reference,
        reply_to=reply_to,
        webhook=webhook,
    )
    message.attachments = [attach(world, place, *file) for file in draft.files]
    _link(message)
    _mention(world, message, draft.allowed, trusted=webhook is not None)
    return message


def show(world: World, message: Message) -> Message:
    """Let a message appear; a private one is told to nobody's gateway."""
    place = message.place
    place.messages[message.id] = message
    if place.thread is not None:
        place.thread.sent += 1
    place.transcript.record(message, "said", world.clock.now())
    if message.only_for is None:
        world.tell("MESSAGE_CREATE", lambda readable: _told(world, message, readable), place=place)
    return message


def edit(world: World, message: Message, draft: Draft) -> Message:
    """Change a message; nobody is notified by an edit."""
    message.content = message.content if draft.content is None else draft.content
    message.embeds = message.embeds if draft.embeds is None else draft.embeds
    message.components = message.components if draft.components is None else draft.components
    message.flags |= draft.flags
    if draft.kept is not None:
        message.attachments = [a for a in message.attachments if a.id in draft.kept]
    message.attachments += [attach(world, message.place, *file) for file in draft.files]
    _link(message)
    pinged = message.pinged
    _mention(world, message, draft.allowed, trusted=message.webhook is not None)
    message.pinged = pinged
    message.edited = world.clock.now()
    return changed(world, message)


def fill(world: World, message: Message, draft: Draft) -> Message:
    """Put the answer in the place of a deferred one, which may notify."""
    message.flags &= ~Flag.LOADING
    edit(world, message, draft)
    _mention(world, message, draft.allowed, trusted=False)
    return message


def changed(world: World, message: Message) -> Message:
    """Tell everybody that a message looks different now."""
    message.place.transcript.record(message, "edited", world.clock.now())
    if message.only_for is None:
        world.tell(
            "MESSAGE_UPDATE",
            lambda readable: _told(world, message, readable),
            place=message.place,
        )
    return message


def delete(world: World, *messages: Message, bulk: bool = False) -> None:
    """Take messages away."""
    place = messages[0].place
    for message in messages:
        del place.messages[message.id]
        place.transcript.record(message, "deleted", world.clock.now())
    public = [str(message.id) for message in messages if message.only_for is None]
    where = {"channel_id": str(place.id), **_guild_id(place)}
    if bulk:
        world.tell("MESSAGE_DELETE_BULK", {"ids": public, **where}, place=place)
        return
    for key in public:
        world.tell("MESSAGE_DELETE", {"id": key, **where}, place=place)


def react(world: World, message: Message, user: User, emoji: str) -> None:
    """Add somebody's reaction."""
    users = message.reactions.setdefault(emoji, [])
    if user in users:
        return
    users.append(user)
    _reaction(world, message, user, emoji, "MESSAGE_REACTION_ADD")


def unreact(world: World, message: Message, user: User, emoji: str) -> None:
    """Take somebody's reaction away."""
    users = message.reactions.get(emoji, [])
    if user not in users:
        return
    users.remove(user)
    if not users:
        del message.reactions[emoji]
    _reaction(world, message, user, emoji, "MESSAGE_REACTION_REMOVE")


def _reaction(world: World, message: Message, user: User, emoji: str, name: str) -> None:
    place = message.place
    message.place.transcript.record(message, "reacted", world.clock.now())
    body: Json = {
        "user_id": str(user.id),
        "channel_id": str(place.id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
        **_guild_id(place),
    }
    member = place.guild.member(user) if place.guild else None
    if name == "MESSAGE_REACTION_ADD":
        body["message_author_id"] = str(message.author.id)
        if member is not None:
            body["member"] = member.payload()
    world.tell(name, body, place=place)


def _guild_id(place: Place) -> Json:
    return {"guild_id": str(place.guild.id)} if place.guild else {}


def _told(world: World, message: Message, readable: bool) -> Json:
    """Return the message as the gateway tells it: with the guild and the author's membership."""
    body = {**message.payload(world.bot, readable=readable), **_guild_id(message.place)}
    guild = message.place.guild
    member = guild.member(message.author) if guild and message.webhook is None else None
    return {**body, "member": member.payload(user=False)} if member else body


def _mention(world: World, message: Message, allowed: Json | None, *, trusted: bool) -> None:
    found = mentions_of(world, message, allowed, trusted=trusted)
    message.mentions = found.users
    message.mention_roles = [role.id for role in found.roles]
    message.mention_everyone = found.everyone
    message.pinged = found.pinged


def _link(message: Message) -> None:
    """Point `attachment://` links of embeds and components to the files of the message."""
    by_name = {f"attachment://{a.name}": a.url for a in message.attachments}
    media = [part.get(key) for part in message.walk() for key in ("file", "media")]
    for part in message.walk():
        media += [item.get("media") for item in part.get("items", [])]
    media += [embed.get(key) for embed in message.embeds for key in ("image", "thumbnail")]
    for item in media:
        if item and item.get("url") in by_name:
            item["url"] = item["proxy_url"] = by_name[item["url"]]
