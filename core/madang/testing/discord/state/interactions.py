"""Interactions: what a person asked of the bot by command, component or modal, and its answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from madang.testing.discord.bell import Bell
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.users import User

if TYPE_CHECKING:
    from madang.testing.discord.state.messages import Message
    from madang.testing.discord.state.places import Place


class Asked(IntEnum):
    """Name the types of interactions."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """Name the types of answers."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False, kw_only=True, repr=False)
class Interaction:
    """Be one request of a person to the bot.

    `failed` is set when the person saw that the application did not respond. `message` is the
    one whose component was used, `original` the answer, `followups` what came after it.
    """

    id: int
    token: str
    kind: Asked
    person: User
    place: "Place"
    born: float
    data: Json
    owners: dict[str, str]
    message: "Message | None" = None
    cause: "Interaction | None" = None
    answer: Answer | None = None
    failed: bool = False
    original: "Message | None" = None
    followups: list["Message"] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)

    def __repr__(self) -> str:
        """Say who or what it is, in a line."""
        return f"<Interaction {self.kind.name} of {self.person.name}: {self.answer!r}>"

    @property
    def deferred(self) -> bool:
        """Tell whether the answer still shows as thinking."""
        return self.original is not None and self.original.thinking

    @property
    def title(self) -> str:
        """Return the command as it was typed or chosen, nothing for a component or a modal."""
        if self.kind is not Asked.COMMAND:
            return ""
        words, options = [self.data["name"]], self.data.get("options") or []
        while options and options[0]["type"] in (1, 2):
            words.append(options[0]["name"])
            options = options[0]["options"]
        return ("/" if self.data["type"] == 1 else "") + " ".join(words)

    @property
    def text(self) -> str:
        """Return what the answer says now."""
        return self.original.text if self.original else ""

    async def shows(
        self, check: Callable[["Message"], object] = bool, *, limit: float = 5.0
    ) -> "Message":
        """Wait until the answer is more than thinking and satisfies `check`, and return it."""

        def satisfied() -> "Message | None":
            message = self.original
            return message if message and not message.thinking and check(message) else None

        found = await self.place.transcript.bell.until(
            satisfied, limit=limit, tell=lambda: f"\n{self.place.transcript}"
        )
        if found is None:
            raise AssertionError("no answer")
        return found

    def metadata(self, message: "Message") -> Json:
        """Return the interaction_metadata object of the API for a message that answers."""
        body: Json = {
            "id": str(self.id),
            "type": int(self.kind),
            "user": self.person.payload(),
            "authorizing_integration_owners": self.owners,
        }
        if self.original is not None and self.original is not message:
            body["original_response_message_id"] = str(self.original.id)
        if self.kind is Asked.COMMAND:
            body["name"] = self.data["name"]
        if self.message is not None:
            body["interacted_message_id"] = str(self.message.id)
        if self.kind is Asked.MODAL and self.cause is not None:
            body["triggering_interaction_metadata"] = self.cause.metadata(message)
        return body
