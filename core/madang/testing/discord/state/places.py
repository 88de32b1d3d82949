"""Places: text channels, threads and direct messages, with what is said in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from madang.testing.discord.clock import timestamp
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.users import User
from madang.testing.discord.transcript import Transcript

if TYPE_CHECKING:
    from madang.testing.discord.state.guilds import Guild
    from madang.testing.discord.state.messages import Message


class Kind(IntEnum):
    """Name the channel types that the stand-in knows."""

    TEXT = 0
    DM = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


@dataclass(frozen=True, kw_only=True)
class Overwrite:
    """Allow and deny permission bits to a role (type 0) or a member (type 1) in one place."""

    type: int
    allow: int = 0
    deny: int = 0


@dataclass(eq=False, kw_only=True)
class Thread:
    """Hold what only threads have; `members` maps user ids to the time of joining."""

    owner: User
    made: float
    archived: bool = False
    locked: bool = False
    changed: float
    keep_minutes: int = 1440
    members: dict[int, float] = field(default_factory=dict)
    sent: int = 0

    def metadata(self) -> Json:
        """Return the thread_metadata object of the API."""
        return {
            "archived": self.archived,
            "auto_archive_duration": self.keep_minutes,
            "archive_timestamp": timestamp(self.changed),
            "locked": self.locked,
            "create_timestamp": timestamp(self.made),
        }


@dataclass(eq=False, kw_only=True, repr=False)
class Place:
    """Be somewhere to talk; `transcript` is what was shown there, moment by moment."""

    id: int
    kind: Kind
    name: str
    guild: "Guild | None" = None
    parent: "Place | None" = None
    topic: str | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: list[User] = field(default_factory=list)
    thread: Thread | None = None
    messages: dict[int, "Message"] = field(default_factory=dict)
    transcript: Transcript = field(default_factory=Transcript)

    def __repr__(self) -> str:
        """Say who or what it is, in a line."""
        return f"<Place {self.name}>"

    @property
    def archived(self) -> bool:
        """Tell whether this is an archived thread."""
        return self.thread is not None and self.thread.archived

    def shown(self, to: User | None = None) -> list["Message"]:
        """List what stands here now, oldest first; private answers only for whom they are."""
        return [m for m in self.messages.values() if m.only_for is None or m.only_for is to]

    async def sees(
        self,
        check: Callable[[Sequence["Message"]], object],
        *,
        to: User | None = None,
        limit: float = 5.0,
    ) -> list["Message"]:
        """Wait until what stands here satisfies `check`, and return it."""
        await self.transcript.bell.until(
            lambda: check(self.shown(to)), limit=limit, tell=lambda: f"\n{self.transcript}"
        )
        return self.shown(to)

    async def finds(
        self,
        check: Callable[["Message"], object],
        *,
        to: User | None = None,
        limit: float = 5.0,
    ) -> "Message":
        """Wait for a message that satisfies `check`, and return the newest such."""
        found = await self.transcript.bell.until(
            lambda: [message for message in self.shown(to) if check(message)],
            limit=limit,
            tell=lambda: f"\n{self.transcript}",
        )
        return found[-1]

    def last_id(self) -> str | None:
        """Return the id of the newest public message."""
        public = [m.id for m in self.messages.values() if m.only_for is None]
        return str(max(public)) if public else None

    def payload(self, viewer: User) -> Json:
        """Return the channel object of the API; fields that a kind lacks are absent, not null."""
        body: Json = {"id": str(self.id), "type": int(self.kind), "last_message_id": self.last_id()}
        if self.guild is None:
            others = [user.payload() for user in self.recipients if user is not viewer]
            return {**body, "recipients": others, "flags": 0}
        body |= {
            "guild_id": str(self.guild.id),
            "name": self.name,
            "rate_limit_per_user": 0,
            "flags": 0,
        }
        return body | (self._thread_fields(viewer) if self.thread else self._text_fields())

    def _text_fields(self) -> Json:
        overwrites = [
            {"id": str(key), "type": o.type, "allow": str(o.allow), "deny": str(o.deny)}
            for key, o in self.overwrites.items()
        ]
        return {
            "position": 0,
            "topic": self.topic,
            "nsfw": False,
            "parent_id": None,
            "permission_overwrites": overwrites,
        }

    def _thread_fields(self, viewer: User) -> Json:
        thread, parent = self.thread, self.parent
        if thread is None or parent is None:
            return {}
        body: Json = {
            "parent_id": str(parent.id),
            "owner_id": str(thread.owner.id),
            "message_count": len(self.messages),
            "total_message_sent": thread.sent,
            "member_count": len(thread.members),
            "thread_metadata": thread.metadata(),
        }
        if viewer.id in thread.members:
            body["member"] = self.thread_member(viewer.id)
        return body

    def thread_member(self, user_id: int) -> Json:
        """Return the thread member object of the API."""
        joined = self.thread.members[user_id] if self.thread else 0.0
        return {
            "id": str(self.id),
            "user_id": str(user_id),
            "join_timestamp": timestamp(joined),
            "flags": 1,
        }
