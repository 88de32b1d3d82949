"""People who ask for stories on the stand-in, each in a chat of their own."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

from madang.bench.bots.figures import waited
from madang.bench.bots.story import Story
from madang.testing.telegram import Chat, Message, Sight, TelegramServer, blemishes

PREVIEWS = ("sendmessagedraft", "editmessagetext")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Be a question that was put, and the story that is the answer."""

    story: Story
    question: Message
    chat: Chat

    def shown_at(self) -> float | None:
        """Return when a message, not a draft, first showed the whole story."""
        sights = self.chat.transcript.sights
        return next((each.at for each in sights if self._whole(each)), None)

    def times_shown(self) -> int:
        """Count the messages that show the whole story now."""
        return self.chat.transcript.answers().count(self.story.plain)

    def styled(self) -> bool:
        """Say whether the story shows its bold beginning, its code at the end, and nothing else."""
        screen = self.chat.transcript.screen()
        kinds = [[e.kind for e in each.entities] for each in screen if self._whole(each)]
        return kinds == [["bold", "code"]]

    def blemishes(self) -> list[str]:
        """List what a reader should never have seen."""
        return blemishes(self.chat.transcript)

    def first_reaction(self) -> float | None:
        """Return after how many seconds the asker saw that something happens."""
        asked = self.question.at
        sights = self.chat.transcript.sights
        seen = (each.at for each in sights if each.by_bot and each.at >= asked)
        return next((at - asked for at in seen), None)

    def _whole(self, sight: Sight) -> bool:
        shown = sight.by_bot and sight.what in ("message", "edit")
        return shown and sight.text == self.story.plain


class Scene:
    """Have people, half of them in private chats and half in groups of their own."""

    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        self._offset = server.clock.now() - time.time()

    def asks(self, milliseconds: int, *, group: bool = False) -> Asked:
        """Let somebody new ask the bot for a story."""
        story = Story(next(self._numbers), milliseconds)
        person = self.server.person(f"사람{story.number}")
        if group:
            chat, call = self.server.group(f"방{story.number}", person), "@madang_bot "
        else:
            chat, call = self.server.private(person), ""
        return Asked(story=story, question=person.says(chat, call + story.question), chat=chat)

    def since_epoch(self, at: float) -> float:
        """Return a moment of the service as this machine counts it."""
        return at - self._offset

    async def told(self, asked: Sequence[Asked], seconds: float) -> bool:
        """Wait until all stories were shown whole, and say whether they were."""
        left = list(asked)

        def done() -> bool:
            left[:] = [each for each in left if each.shown_at() is None]
            return not left

        return await waited(done, seconds)

    def previews_at_once(self) -> int:
        """Return the most drafts and edits that were on their way in one chat at one time."""
        moments = [
            (moment, step, call.chat_id)
            for call in self.server.calls
            if call.method.lower() in PREVIEWS
            for moment, step in ((call.began, 1), (call.ended or call.began, -1))
        ]
        running: dict[int, int] = {}
        most = 0
        for _, step, chat in sorted(moments):
            running[chat] = running.get(chat, 0) + step
            most = max(most, running[chat])
        return most
