"""Chats: private ones, groups, supergroups with topics, channels."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from madang.testing.telegram.members import PRESENT
from madang.testing.telegram.messages import Message
from madang.testing.telegram.transcript import Transcript
from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Json, bad_request

Kind = Literal["private", "group", "supergroup", "channel"]


@dataclass(kw_only=True, eq=False)
class Chat:
    """Hold one chat; private ones have the identity of their person, the others a negative one."""

    id: int
    kind: Kind
    title: str
    transcript: Transcript
    next_id: Callable[[], int]
    person: User | None = None
    username: str = ""
    forum: bool = False
    statuses: dict[int, str] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    topics: dict[int, "Topic"] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    migrated_to: "Chat | None" = None
    started: bool = False
    blocked: bool = False

    @property
    def is_group(self) -> bool:
        """Say whether several people talk here."""
        return self.kind in ("group", "supergroup")

    def status_of(self, user: User) -> str:
        """Return somebody's standing here, such as `member` or `left`."""
        return self.statuses.get(user.id, "left")

    def has(self, user: User) -> bool:
        """Say whether somebody is here."""
        return self.status_of(user) in PRESENT

    def topic_root(self, thread: int) -> Message | None:
        """Return the message that opened a topic."""
        return self.topics[thread].root if thread in self.topics else None

    def message(self, identity: int, absent: str) -> Message:
        """Find a message that is still there; `absent` completes the refusal."""
        found = self.messages.get(identity)
        if found is None or found.deleted:
            raise bad_request(absent)
        return found

    def payload(self) -> Json:
        """Return it as it travels in a message."""
        body: Json = {"id": self.id, "type": self.kind}
        if self.person:
            body["first_name"] = self.person.first_name
        else:
            body["title"] = self.title
        name = self.person.username if self.person else self.username
        if name:
            body["username"] = name
        if self.forum:
            body["is_forum"] = True
        return body


@dataclass(eq=False)
class Topic:
    """Hold a topic of a supergroup; its identity is that of the message that opened it."""

    chat: Chat
    name: str
    root: Message
    closed: bool = False

    @property
    def id(self) -> int:
        """Return its identity."""
        return self.root.id


def place_of(place: "Chat | Topic") -> tuple[Chat, int]:
    """Return the chat of a place and the topic in it, 0 for none."""
    return (place.chat, place.id) if isinstance(place, Topic) else (place, 0)
