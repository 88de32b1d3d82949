"""One request: where it goes, what it carries, and what it may touch."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from madang.testing.discord import permissions
from madang.testing.discord.checks.messages import Draft, check_message
from madang.testing.discord.refusals import Form, Json, forbidden, unknown
from madang.testing.discord.state.attachments import Upload
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.world import World


@dataclass(frozen=True, kw_only=True)
class Call:
    """Be a request that passed the gate; `parts` are the variables of its path."""

    world: World
    parts: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: Mapping[int, Upload] = field(default_factory=dict)

    @property
    def json(self) -> Json:
        """Return the body as an object, or refuse it."""
        if not isinstance(self.body, dict):
            form = Form()
            form.wrong("_", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            form.done()
        return dict(self.body)

    def number(self, name: str) -> int:
        """Return an identifier of the path, or refuse it as badly written."""
        text = self.parts[name]
        if not text.isdigit():
            form = Form()
            form.wrong(name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
            form.done()
        return int(text)

    def place(self, *needed: str) -> Place:
        """Return the channel of the path; refuse what the bot may not see or do there."""
        world = self.world
        place = world.place(self.number("channel"))
        if not permissions.may(world.bot, place, "view_channel"):
            raise forbidden(50001)
        if not permissions.may(world.bot, place, *needed):
            raise forbidden()
        return place

    def message(self, place: Place) -> Message:
        """Return the message of the path; private answers are not to be found."""
        message = place.messages.get(self.number("message"))
        if message is None or message.only_for is not None:
            raise unknown(10008)
        return message

    def show(self, message: Message) -> Json:
        """Return a message as the bot's answer."""
        bot, readable = self.world.bot, self.world.portal.message_content
        return message.payload(bot, readable=readable)

    def draft(
        self, body: Json | None = None, *, ephemeral: bool = False, before: Message | None = None
    ) -> Draft:
        """Check a message body."""
        return check_message(
            self.json if body is None else body,
            self.files,
            size_limit=self.world.rules.attachment_size,
            ephemeral=ephemeral,
            before=before,
        )


Handler = Callable[[Call], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Created:
    """Answer 201 with a body."""

    body: Json


@dataclass(frozen=True, kw_only=True)
class Route:
    """Lead a method and a path to a handler; None as the answer means 204.

    `rate` names its bucket's rate, `major` the path variables that split buckets. `open` routes
    need no bot token and stay outside of the global rate.
    """

    method: str
    path: str
    handler: Handler
    rate: str = "other"
    major: tuple[str, ...] = ()
    open: bool = False
