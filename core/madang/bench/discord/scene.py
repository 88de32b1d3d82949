"""People who ask for stories on the stand-in, and what they saw of them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from madang.bench.bots.figures import waited
from madang.bench.bots.story import Story
from madang.testing.discord import DiscordServer, Person
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place
from madang.testing.discord.transcript import Version

MOST = 2000  # characters of a message


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Be a question that was put, and the story that is the answer."""

    story: Story
    question: Message
    place: Place

    def whole(self) -> list[Version]:
        """List the moments at which the whole story was shown."""
        versions = self.place.transcript.versions
        return [each for each in versions if each.content == self.story.text]

    def messages(self) -> int:
        """Count the messages that show the whole story now."""
        return sum(message.content == self.story.text for message in self.place.shown())

    def first_reaction(self) -> float | None:
        """Return after how many seconds the asker saw that something happens."""
        return self._first(typing=True)

    def first_message(self) -> float | None:
        """Return after how many seconds the asker saw a message that answers."""
        return self._first(typing=False)

    def _first(self, *, typing: bool) -> float | None:
        for version in self.place.transcript.versions:
            concerns = self._answers(version) or (typing and version.what == "typing")
            if version.at >= self.question.at and concerns:
                return version.at - self.question.at
        return None

    def edits(self) -> int:
        """Count the edits of the message that tells the story."""
        told = {version.message_id for version in self.whole()}
        versions = self.place.transcript.versions
        return sum(each.what == "edited" and each.message_id in told for each in versions)

    def _answers(self, version: Version) -> bool:
        message = self.place.messages.get(version.message_id)
        return message is not None and message.reply_to is self.question


class Scene:
    """Have one guild in which people ask."""

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self._guild = server.guild("마당")
        self._people: list[Person] = []
        self._numbers = itertools.count(1)

    def channels(self, count: int) -> list[Place]:
        """Make channels."""
        return [self.server.channel(self._guild, f"방{number}") for number in range(count)]

    def people(self, count: int) -> list[Person]:
        """Return so many people."""
        for number in range(len(self._people), count):
            self._people.append(self.server.person(f"사람{number}", self._guild))
        return self._people[:count]

    def asks(self, person: Person, place: Place, milliseconds: int) -> Asked:
        """Let somebody ask the bot for a story."""
        story = Story(next(self._numbers), milliseconds)
        if len(story.text) > MOST:
            raise ValueError("a story this long takes several messages")
        text = f"@{self.server.bot.name} {story.question}"
        return Asked(story=story, question=person.says(place, text), place=place)

    async def told(self, asked: Sequence[Asked], seconds: float) -> bool:
        """Wait until all stories were shown whole, and say whether they were."""
        left = list(asked)

        def done() -> bool:
            left[:] = [each for each in left if not each.whole()]
            return not left

        return await waited(done, seconds)
