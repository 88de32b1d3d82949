"""The answers to interactions: where each is written, also when a process was killed meanwhile."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from msgspec import structs

from madang.contract import Place, Turn
from madang.conversation import Reply
from madang.delivery import Gone, Lane, Priority, Surface
from madang.errors import MadangError
from madang.texts import Texts
from madang_discord.answers import Elsewhere
from madang_discord.asking import Asked, words_for
from madang_discord.content import Content
from madang_discord.features import Feature
from madang_discord.interactions import PUBLIC, tell
from madang_discord.kept import Keeping, Kept, kept_of
from madang_discord.places import BOT
from madang_discord.token_surface import way_to
from madang_discord.wording import small

if TYPE_CHECKING:
    from madang_discord.ears import Ears
    from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

LEFT_SECONDS = 3600.0
"""How long what an earlier process left is kept: answers that are taken up begin much sooner."""


class Awaiting(Feature):
    """Let answers to commands and buttons grow in the messages that these made."""

    def __init__(self, talk: "Talk") -> None:
        super().__init__(talk)
        self._keeping = Keeping(talk.yard.store)
        self._kept: dict[str, Kept] = {}
        self._asked: dict[str, Asked] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked = False

    async def close(self) -> None:
        """Let nothing wait any more; what is kept is for the next process."""
        for task in self._tasks:
            task.cancel()

    def alone(self, place: Place) -> asyncio.Lock:
        """Return the lock under which commands ask at a place."""
        return self._locks.setdefault(place.key, asyncio.Lock())

    async def wait(self, asked: Asked, key: str, message: str) -> None:
        """Have the answer to the question `key` written in a message of an interaction."""
        kept = self._kept[key] = kept_of(asked, key, message)
        self._asked[key] = asked
        await self._keeping.keep(kept)
        self._spawn(self._expire(kept, kept.seconds))

    async def drop(self, key: str) -> None:
        """Wait for an answer no longer."""
        self._kept.pop(key, None)
        self._asked.pop(key, None)
        self.talk.answers.elsewhere.pop(key, None)
        await self._keeping.let_go(key)

    async def begins(self, reply: Reply) -> None:
        """Let an answer begin in the message that waits for it."""
        question = await self.talk.conversations.controls.question(reply.turn)
        await self._join(question, resumed=reply.resumed)
        kept = await self._waiting(question, resumed=reply.resumed)
        if kept is None:
            return
        key = kept.key
        there = reply.turn.message_ids
        if not there or (kept.token and kept.message not in there):
            ids = (kept.message,)
            reply.turn = structs.replace(reply.turn, message_ids=ids)
            await self.talk.conversations.messages.shown_as(reply.turn.id, ids)
        asked = self._asked.pop(key, None)
        if asked is not None:
            asked.extras.pop(PUBLIC, None)
            self._spawn(self._follow(asked, reply))
        if not kept.token:
            # From here on the store knows the message, which is like any other of the bot's.
            await self.drop(key)
        self.talk.answers.elsewhere[key] = self._way(kept)

    async def ready(self, client: "Ears") -> None:
        """Look once at what an earlier process left."""
        if not self._looked:
            self._looked = True
            self._spawn(self._look())

    async def _waiting(self, question: Turn | None, *, resumed: bool) -> Kept | None:
        """Return what waits for the answer to a question, also since before a restart."""
        if question is None or not question.message_ids:
            return None
        key = question.message_ids[-1]
        kept = self._kept.get(key)
        return await self._keeping.find(key) if kept is None and resumed else kept

    async def _join(self, question: Turn | None, *, resumed: bool) -> None:
        """End what waits for questions that are answered together with a later one."""
        store = self.talk.yard.store
        turn = await store.turn(question.parent) if question and question.parent else None
        while turn is not None and turn.role == "user":
            kept = await self._waiting(turn, resumed=resumed)
            if kept is not None:
                self._spawn(self._give_up(kept, "answer.joined"))
            turn = await store.turn(turn.parent or "")

    async def _look(self) -> None:
        """End what waits for an answer to a question that no process has taken in."""
        try:
            for kept in await self._keeping.everything():
                if kept.key in self._kept:
                    continue
                if await self._answered(kept):
                    self._spawn(self._expire(kept, LEFT_SECONDS))
                else:
                    await self._give_up(kept, "answer.lost")
        except MadangError as error:
            _log.warning("some commands of before stay without an answer: %s", error)

    async def _answered(self, kept: Kept) -> bool:
        """Say whether a question was answered, or is being answered."""
        conversations = self.talk.conversations
        found = await conversations.messages.find(BOT, kept.key)
        if found is None:
            return False
        history = await conversations.history(found.conversation.place)
        return not history or history[-1].id != found.turn.id

    async def _give_up(self, kept: Kept, why: str) -> None:
        lane, surface = way_to(self.talk, kept)
        text = small(Texts.of(__package__, self.talk.yard.locale(BOT))(why))

        async def work() -> None:
            await surface.edit(kept.message, Content(text=text))

        with contextlib.suppress(Gone):
            await lane.put(object(), work, Priority.FINAL)
        await self.drop(kept.key)

    async def _follow(self, asked: Asked, reply: Reply) -> None:
        """Tell who asked what went wrong where the place wants nothing said of problems."""
        final = await reply.final()
        silent = self.talk.error_style(reply.place) != "reply"
        if final.problem and not final.text and silent:
            await tell(asked, small(words_for(asked).problem(final.problem)))

    def _way(self, kept: Kept) -> Elsewhere:
        """Return the way of the next answer."""

        def way(reply: Reply) -> tuple[Lane, Surface[Content]]:
            return way_to(self.talk, kept, reply.turn.id)

        return way

    async def _expire(self, kept: Kept, seconds: float) -> None:
        """Forget one after so many seconds, unless another took its place."""
        await asyncio.sleep(max(0.0, seconds))
        if self._kept.get(kept.key, kept) is not kept:
            return
        try:
            await self.drop(kept.key)
        except MadangError as error:
            _log.warning("the note of an answer stays: %s", error)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
