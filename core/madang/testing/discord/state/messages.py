"""Messages: what is said, how it looks, and what the API tells about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING

from madang.testing.discord.clock import timestamp
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.attachments import Attachment
from madang.testing.discord.state.users import User

if TYPE_CHECKING:
    from madang.testing.discord.state.interactions import Interaction
    from madang.testing.discord.state.places import Place
    from madang.testing.discord.state.webhooks import Webhook


class Flag(IntFlag):
    """Name the message flags that matter here."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


NONE = Flag(0)
DEFAULT, REPLY, COMMAND, THREAD_STARTER, CONTEXT_MENU = 0, 19, 20, 21, 23


@dataclass(eq=False, kw_only=True, repr=False)
class Message:
    """Be a message as it stands now.

    `pinged` names who got a notification when it was sent; `only_for` is the one person who sees
    a private answer; `author` is the webhook's face when a webhook sent it.
    """

    id: int
    place: "Place"
    author: User
    at: float
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: Flag = NONE
    type: int = DEFAULT
    nonce: str | None = None
    reference: Json | None = None
    reply_to: "Message | None" = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    pinged: list[str] = field(default_factory=list)
    webhook: "Webhook | None" = None
    interaction: "Interaction | None" = None
    reactions: dict[str, list[User]] = field(default_factory=dict)
    only_for: User | None = None
    edited: float | None = None
    thread: "Place | None" = None

    def __repr__(self) -> str:
        """Say who or what it is, in a line."""
        return f"<Message of {self.author.name}: {self.text!r} {self.buttons}>"

    @property
    def thinking(self) -> bool:
        """Tell whether this is a deferred answer that still shows as thinking."""
        return Flag.LOADING in self.flags

    @property
    def text(self) -> str:
        """Return all that can be read: content, text displays and embeds, line by line."""
        parts = [self.content, *(c["content"] for c in self.walk() if c["type"] == 10)]
        for embed in self.embeds:
            parts += [embed.get("title"), embed.get("description")]
            parts += [f"{field['name']}: {field['value']}" for field in embed.get("fields", [])]
            parts.append(embed.get("footer", {}).get("text"))
        return "\n".join(part for part in parts if part)

    @property
    def buttons(self) -> list[str]:
        """List the labels of the buttons that can be pressed, or their emoji."""
        return [label(b) for b in self.walk() if b["type"] == 2 and not b.get("disabled")]

    def walk(self) -> Iterator[Json]:
        """Go through all components, outer ones first."""
        yield from walk(self.components)

    def readable_to(self, bot: User) -> bool:
        """Tell whether a bot reads this without the message content intent."""
        return self.place.guild is None or self.author is bot or bot in self.mentions

    def payload(self, bot: User, *, readable: bool = True, outer: bool = True) -> Json:
        """Return the message object of the API as a bot gets it.

        `readable` is whether the bot has the message content intent; absent fields are left out.
        """
        seen = readable or self.readable_to(bot) or self.webhook is not None
        body: Json = {
            "id": str(self.id),
            "channel_id": str(self.place.id),
            "type": self.type,
            "author": self.author.payload(),
            "content": self.content if seen else "",
            "timestamp": timestamp(self.at),
            "edited_timestamp": None if self.edited is None else timestamp(self.edited),
            "tts": False,
            "mention_everyone": self.mention_everyone,
            "mentions": [self._mentioned(user) for user in self.mentions],
            "mention_roles": [str(role) for role in self.mention_roles],
            "attachments": [a.payload() for a in self.attachments] if seen else [],
            "embeds": self.embeds if seen else [],
            "components": self.components if seen else [],
            "pinned": False,
            "flags": int(self.flags),
        }
        return body | self._optional(bot, readable=readable, outer=outer)

    def _optional(self, bot: User, *, readable: bool, outer: bool) -> Json:
        body: Json = {}
        if self.nonce is not None:
            body["nonce"] = self.nonce
        if self.reactions:
            body["reactions"] = [self._reaction(key, bot) for key in self.reactions]
        if self.webhook is not None:
            body["webhook_id"] = str(self.webhook.id)
            body["author"] = {**self.author.payload(), "bot": True}
            if self.webhook.application is not None:
                body["application_id"] = str(self.webhook.application.id)
        if self.interaction is not None:
            body["webhook_id"] = body["application_id"] = str(bot.id)
            body["interaction_metadata"] = self.interaction.metadata(self)
        if self.thread is not None:
            body["thread"] = self.thread.payload(bot)
        if self.reference is not None:
            body["message_reference"] = self.reference
            if outer:
                body["referenced_message"] = self._referenced(bot, readable=readable)
        return body

    def _referenced(self, bot: User, *, readable: bool) -> Json | None:
        target = self.reply_to
        if target is None or target.id not in target.place.messages:
            return None
        return target.payload(bot, readable=readable, outer=False)

    def _mentioned(self, user: User) -> Json:
        guild = self.place.guild
        member = guild.member(user) if guild else None
        body = user.payload()
        return {**body, "member": member.payload(user=False)} if member else body

    def _reaction(self, emoji: str, bot: User) -> Json:
        users = self.reactions[emoji]
        return {
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "me": bot in users,
            "me_burst": False,
            "emoji": {"id": None, "name": emoji},
            "burst_colors": [],
        }


def walk(components: list[Json]) -> Iterator[Json]:
    """Go through a tree of components, outer ones first."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        for key in ("accessory", "component"):
            if key in component:
                yield from walk([component[key]])


def label(component: Json) -> str:
    """Return what a button shows: its label, or its emoji."""
    return str(component.get("label") or component.get("emoji", {}).get("name", ""))


def reference_to(target: Message) -> Json:
    """Return the reference that makes a message a reply to another."""
    reference = {"type": 0, "message_id": str(target.id), "channel_id": str(target.place.id)}
    if target.place.guild is not None:
        reference["guild_id"] = str(target.place.guild.id)
    return reference
