"""What a person sees: every version of every message of a place, with the time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from madang.testing.discord.bell import Bell

if TYPE_CHECKING:
    from madang.testing.discord.state.messages import Message

What = Literal["said", "edited", "deleted", "reacted", "typing", "unanswered"]


@dataclass(frozen=True, kw_only=True)
class Version:
    """Be how a message looked from one moment on.

    `above` is what it answers: a name, or a command; `to` names who alone saw it.
    """

    at: float
    what: What
    message_id: int
    author: str
    content: str = ""
    text: str = ""
    buttons: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    above: str = ""
    reactions: tuple[str, ...] = ()
    to: str = ""
    thinking: bool = False

    def line(self, start: float) -> str:
        """Return the version as one block of a printed transcript."""
        marks = {"edited": "  (edited)", "deleted": "  (deleted)", "reacted": "  (reaction)"}
        head = f"{self.at - start:6.2f}s  {self.author}{marks.get(self.what, '')}"
        head += f"  ↪ {self.above}" if self.above else ""
        head += f"  (only {self.to} sees this)" if self.to else ""
        return "\n".join([head, *(f"         {line}" for line in self._body())])

    def _body(self) -> Iterator[str]:
        if self.what == "typing":
            yield "…"
            return
        if self.what == "deleted":
            return
        yield from ["…thinking"] if self.thinking else self.text.splitlines()
        yield from (f"📎 {name}" for name in self.files)
        if self.buttons:
            yield " ".join(f"[{label}]" for label in self.buttons)
        if self.reactions:
            yield " ".join(self.reactions)


class Transcript:
    """Record the versions in order; `bell` rings at each."""

    def __init__(self) -> None:
        self.versions: list[Version] = []
        self.bell = Bell()

    def record(self, message: "Message", what: What, at: float) -> None:
        """Note how a message looks now."""
        place, target = message.place, message.reply_to
        name = place.guild.name_of if place.guild else lambda user: user.name
        webhook = message.webhook is not None
        self._add(
            Version(
                at=at,
                what=what,
                message_id=message.id,
                author=message.author.name if webhook else name(message.author),
                content=message.content,
                text=_readable(message),
                buttons=tuple(message.buttons),
                files=tuple(attachment.name for attachment in message.attachments),
                above=name(target.author) if target else _command(message),
                reactions=tuple(message.reactions),
                to=message.only_for.name if message.only_for else "",
                thinking=message.thinking,
            )
        )

    def typing(self, author: str, at: float) -> None:
        """Note that somebody shows as typing."""
        self._add(Version(at=at, what="typing", message_id=0, author=author))

    def unanswered(self, author: str, person: str, at: float) -> None:
        """Note that one person was told that the application did not respond."""
        text = "The application did not respond"
        self._add(
            Version(at=at, what="unanswered", message_id=0, author=author, text=text, to=person)
        )

    def of(self, message: "Message") -> list[Version]:
        """List the versions of one message, oldest first."""
        return [version for version in self.versions if version.message_id == message.id]

    def texts(self, message: "Message") -> list[str]:
        """List the contents that one message showed, without repetitions in a row."""
        found: list[str] = []
        for version in self.of(message):
            if version.what in ("said", "edited") and found[-1:] != [version.content]:
                found.append(version.content)
        return found

    def screens(self, to: str = "") -> Iterator[list[Version]]:
        """Go through what stood in the place after each change, oldest message first.

        `to` names the person whose screen it is, for private answers.
        """
        standing: dict[int, Version] = {}
        for version in self.versions:
            if version.message_id == 0 or version.to not in ("", to):
                continue
            if version.what == "deleted":
                standing.pop(version.message_id, None)
            else:
                standing[version.message_id] = version
            yield list(standing.values())

    def __str__(self) -> str:
        """Print the whole transcript, times counted from its beginning."""
        if not self.versions:
            return "(nothing was said)"
        start = self.versions[0].at
        return "\n".join(version.line(start) for version in self.versions)

    def _add(self, version: Version) -> None:
        self.versions.append(version)
        self.bell.ring()


def _readable(message: "Message") -> str:
    """Return the text with the names of those it mentions, as the app shows it."""
    guild = message.place.guild
    users = [m.user for m in guild.members.values()] if guild else message.place.recipients
    text = message.text
    for user in users if "<@" in text else ():
        name = guild.name_of(user) if guild else user.name
        text = text.replace(user.mention, f"@{name}")
    return text


def _command(message: "Message") -> str:
    """Return who used which command, when the message is the direct answer to it."""
    asked = message.interaction
    if asked is None or asked.title == "" or asked.original not in (None, message):
        return ""
    return f"{asked.person.name} {asked.title}"
