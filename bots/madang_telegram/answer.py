"""One answer on the screen: as it grows, and in the end whole, once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from madang.contract import Turn, TurnState
from madang.conversation import Reply, Update
from madang.delivery import Growing
from madang.errors import TurnNotFound
from madang.texts import Texts
from madang.wording import waiting
from madang_telegram import files
from madang_telegram.desk import Desk
from madang_telegram.drafts import Draft
from madang_telegram.keyboards import under_answer, under_preview
from madang_telegram.markdown import converted
from madang_telegram.parts import parts
from madang_telegram.places import Spot
from madang_telegram.rich import Document, document
from madang_telegram.styled import Styled, italic, plain, sendable
from madang_telegram.surface import BEGUN, Content, Messages, NotRich
from madang_telegram.unfinished import ended, mended
from madang_telegram.wording import endings

GAP = plain("\n\n")


@dataclass(kw_only=True)
class Answer:
    """Show one answer: drafts in private chats, a message that grows elsewhere, then the whole.

    It begins in the messages of an earlier process, or of the answer before it.
    """

    desk: Desk
    reply: Reply
    spot: Spot = field(init=False)
    growing: Growing[Content] = field(init=False)
    _question: Turn | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Find out where it is shown."""
        self.spot = Spot.of(self.reply.place)

    async def show(self) -> None:
        """Follow the answer to its end."""
        self._question = await self.desk.conversations.controls.question(self.reply.turn)
        surface = Messages(desk=self.desk, spot=self.spot, sent=self._sent, reply_to=self._asked_in)
        self.growing = Growing(
            self.desk.lanes.messages(self.spot),
            surface,
            messages=self.reply.turn.message_ids,
            placeholder=BEGUN,
        )
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
        await self._finish()

    @property
    def _asked_in(self) -> int:
        """Return the message that asked, 0 where it is not known."""
        return int(next(iter(self._question.message_ids), 0)) if self._question else 0

    @property
    def _asker(self) -> str:
        return self._question.author.id if self._question else ""

    @property
    def _texts(self) -> Texts:
        """Return the words for who asked."""
        return self.desk.texts(self.reply.place, self._asker)

    async def _preview(self, draft: Draft | None) -> None:
        async for update in newest(self.reply, self.desk.pace.refresh):
            if update.final:
                return
            if draft is not None and draft.taken:
                draft.show()
            else:
                self.growing.show(self._contents)

    async def _finish(self) -> None:
        update = self.reply.latest
        if await self._taken_back():
            return
        style = self.desk.conversations.options.place(self.reply.place).errors
        failed = update.state is TurnState.FAILED and not update.text
        if failed and style != "reply":
            if style == "reaction" and self._asked_in:
                await self.desk.react(self.spot, self._asked_in)
            await self._shown([])
            await files.follow(self.desk, self.reply, Styled(), self._asker)
            return
        cut = update.cut or update.state is not TurnState.COMPLETE
        source = ended(update.text, cut=cut)
        answer = converted(source)
        await self._show_whole(source, answer, update, cut=cut)
        if not await self._taken_back():
            await files.follow(self.desk, self.reply, answer, self._asker)

    async def _taken_back(self) -> bool:
        """Say whether the question was edited, undone or forgotten meanwhile.

        The messages stay where it was edited, since another answer comes in them.
        """
        turn = self.desk.yard.store.turn
        if await turn(self.reply.turn.id) is not None:
            return False
        if self._question is None or await turn(self._question.id) is None:
            await self._shown([])
        return True

    async def _show_whole(self, source: str, answer: Styled, update: Update, *, cut: bool) -> None:
        """Show the whole answer: as a document where that is wanted, needed and taken."""
        said = endings(self._texts, self.reply, update)
        made = self._document(source, said) if answer.text else None
        if not (answer.text or cut):
            # Nothing but marks, such as a heading without words, is read as it stands.
            answer = plain(sendable(update.text)).stripped()
        for each in said:
            answer = answer + GAP + italic(each) if answer.text else italic(each)
        pages = parts(answer)
        keyboard = under_answer(self._texts, self.reply, update, await self._variants())
        if made and (made.needed or len(pages) > 1):
            try:
                await self._shown([Content(Styled(), keyboard, final=True, html=made.html)])
                return
            except NotRich:
                pass
        await self._shown(
            [Content(page, keyboard if page is pages[-1] else None, final=True) for page in pages]
        )

    def _document(self, source: str, said: Sequence[str]) -> Document | None:
        wanted = self.desk.conversations.options.said(self.reply.place).rich is True
        return document(source, said) if wanted and self.desk.rich else None

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
        texts, update = self._texts, self.reply.latest
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
        return pages[-1] if pages else plain(waiting(self._texts, update))

    async def _sent(self, message: str) -> bool:
        ids = [*self.growing.messages, message]
        return await self.desk.conversations.messages.shown_as(self.reply.turn.id, ids)


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
