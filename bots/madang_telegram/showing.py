"""Showing answers: as they grow, and in the end whole, once, whatever happens."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from madang.contract import Turn, TurnState
from madang.conversation import Reply, Update
from madang.delivery import Gone, Growing
from madang.errors import TurnNotFound
from madang.wording import waiting
from madang_telegram import files
from madang_telegram.desk import Desk, all_of
from madang_telegram.drafts import Draft
from madang_telegram.keyboards import under_answer, under_preview
from madang_telegram.markdown import converted
from madang_telegram.parts import parts
from madang_telegram.places import Spot
from madang_telegram.rich import Document, document
from madang_telegram.styled import Styled, italic, plain
from madang_telegram.surface import Content, Messages, NotRich
from madang_telegram.unfinished import ended, mended
from madang_telegram.wording import endings

_log = logging.getLogger(__name__)

BEGUN = Content(plain("…"), final=True)
GAP = plain("\n\n")


@dataclass(kw_only=True)
class Showing:
    """Show every answer of the bot, each in a task of its own."""

    desk: Desk
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def deliver(self, reply: Reply) -> None:
        """Show an answer; returns when people see the whole of it."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await Answer(desk=self.desk, reply=reply).show()
        except Gone as gone:
            _log.info("%s cannot be written to any more: %s", reply.place.key, gone)

    async def close(self) -> None:
        """Wait for what is being shown, but not for long; the next start shows the rest."""
        await all_of(set(self._tasks), self.desk.pace.patience)


@dataclass(kw_only=True)
class Answer:
    """Show one answer: drafts in private chats, a message that grows elsewhere, then the whole.

    `attaching` is whether long code comes as files too.
    """

    desk: Desk
    reply: Reply
    attaching: bool = True
    spot: Spot = field(init=False)
    growing: Growing[Content] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the messages of an earlier process, or of the variant before."""
        self.spot = Spot.of(self.reply.place)

    async def show(self) -> None:
        """Follow the answer to its end."""
        question = await self._question()
        surface = Messages(desk=self.desk, spot=self.spot, sent=self._sent, reply_to=question)
        self.growing = Growing(
            self.desk.lanes.messages(self.spot),
            surface,
            messages=self.reply.turn.message_ids,
            placeholder=BEGUN,
        )
        for message in self.growing.messages:
            self._own(message)
        try:
            await self._follow(question)
        finally:
            self._let_go()

    async def _follow(self, question: int) -> None:
        if self.spot.private and not self.growing.messages:
            draft = Draft(
                desk=self.desk, spot=self.spot, turn=self.reply.turn.id, content=self._draft
            )
            try:
                await self._preview(draft)
            finally:
                await draft.end()
        else:
            await self._preview(None)
        await self._finish(question)

    async def _preview(self, draft: Draft | None) -> None:
        async for update in newest(self.reply, self.desk.pace.refresh):
            if update.final:
                return
            if draft is not None and draft.taken:
                draft.show()
            else:
                self.growing.show(self._contents)

    async def _finish(self, question: int) -> None:
        update = self.reply.latest
        if await self._taken_back():
            return
        style = self.desk.conversations.options.place(self.reply.place).errors
        failed = update.state is TurnState.FAILED and not update.text
        if failed and style != "reply":
            if style == "reaction" and question:
                await self.desk.react(self.spot, question)
            await self._shown([])
            return
        cut = update.cut or update.state is not TurnState.COMPLETE
        source = ended(update.text, cut=cut)
        answer = converted(source)
        await self._show_whole(source, answer, update)
        if self.attaching and not await self._taken_back():
            await files.attach(self.desk, self.spot, self.reply, answer)

    async def _taken_back(self) -> bool:
        """Say whether the question was edited or forgotten meanwhile, and clear what was shown.

        Messages in which another answer comes stay.
        """
        if await self.desk.yard.store.turn(self.reply.turn.id) is not None:
            return False
        if all(self._owner(each) == self.reply.turn.id for each in self.growing.messages):
            await self._shown([])
        return True

    def _owner(self, message: str) -> str:
        return self.desk.owners.get((self.spot.chat, message), "")

    def _own(self, message: str) -> None:
        self.desk.owners[self.spot.chat, message] = self.reply.turn.id

    def _let_go(self) -> None:
        for message in self.growing.messages:
            if self._owner(message) == self.reply.turn.id:
                del self.desk.owners[self.spot.chat, message]

    async def _show_whole(self, source: str, answer: Styled, update: Update) -> None:
        """Show the whole answer: as a document where that is wanted, needed and taken."""
        texts = self.desk.texts(self.reply.place)
        said = endings(texts, self.reply, update)
        for each in said:
            answer = answer + GAP + italic(each) if answer.text else italic(each)
        pages = parts(answer)
        keyboard = under_answer(texts, self.reply, update, await self._variants())
        if made := self._document(source, said, len(pages)):
            try:
                await self._shown([Content(Styled(), keyboard, final=True, html=made.html)])
                return
            except NotRich:
                pass
        await self._shown(
            [Content(page, keyboard if page is pages[-1] else None, final=True) for page in pages]
        )

    def _document(self, source: str, said: Sequence[str], pages: int) -> Document | None:
        if not (self.desk.rich and self.desk.conversations.options.said(self.reply.place).rich):
            return None
        made = document(source, said)
        return made if made and (made.needed or pages > 1) else None

    async def _shown(self, contents: Sequence[Content]) -> None:
        self.growing.show(contents, final=True)
        await self.growing.finished()

    async def _variants(self) -> Sequence[Turn]:
        try:
            return await self.desk.conversations.controls.variants(self.reply.turn.id)
        except TurnNotFound:
            # It was forgotten at this very moment, and is taken back in the next.
            return ()

    def _contents(self) -> list[Content]:
        """Return what to show while the answer grows, as of now."""
        texts, update = self.desk.texts(self.reply.place), self.reply.latest
        pages = parts(converted(mended(update.text) if update.text else waiting(texts, update)))
        if not pages:
            # The first edit is worth more with a text.
            return [BEGUN]
        keyboard = under_preview(texts, self.reply)
        return [Content(page, keyboard if page is pages[-1] else None) for page in pages]

    def _draft(self) -> Styled:
        """Return the end of the text so far: a draft is one message."""
        update = self.reply.latest
        pages = parts(converted(mended(update.text)))
        texts = self.desk.texts(self.reply.place)
        return pages[-1] if pages else plain(waiting(texts, update))

    async def _sent(self, message: str) -> bool:
        self._own(message)
        ids = [*self.growing.messages, message]
        return await self.desk.conversations.messages.shown_as(self.reply.turn.id, ids)

    async def _question(self) -> int:
        """Return the message that asked, 0 where it is not known."""
        parent = self.reply.turn.parent
        turn = await self.desk.yard.store.turn(parent) if parent else None
        return int(turn.message_ids[0]) if turn and turn.message_ids else 0


async def newest(reply: Reply, refresh: float) -> AsyncIterator[Update]:
    """Yield each newest state of an answer, and the same once more when nothing comes."""
    updates = aiter(reply.updates())
    while True:
        coming = asyncio.ensure_future(anext(updates, None))
        try:
            while not (await asyncio.wait({coming}, timeout=refresh))[0]:
                yield reply.latest
            update = coming.result()
        finally:
            coming.cancel()
        if update is None:
            return
        yield update
