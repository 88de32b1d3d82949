"""Questions and answers from a document or a message: one message tells how far it is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import discord
from msgspec import structs

from madang.conversation import problem_of
from madang.errors import MadangError
from madang.generating import (
    Document,
    Generated,
    Headway,
    check_file,
    generate,
    headway_words,
    outcome_words,
)
from madang.texts import Texts
from madang_discord.asking import Asked, words_for
from madang_discord.content import Content
from madang_discord.features import Feature
from madang_discord.interactions import show_thinking, tell
from madang_discord.jobs import Cancelling, Job, Jobs
from madang_discord.limits import Limits
from madang_discord.orders import Order, Orders, ordered
from madang_discord.places import BOT
from madang_discord.progress import Telling
from madang_discord.rest import LOST, again
from madang_discord.where import author_asking, place_of

if TYPE_CHECKING:
    from madang_discord.ears import Ears
    from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

SAMPLES = 2

Fetch = Callable[[], Awaitable[bytes]]


class Generating(Feature):
    """Make questions as `/generate` and the menu ask for them, a few jobs at a time.

    A job that the end of the process cut off is begun again by the next one, once.
    """

    def __init__(self, talk: "Talk") -> None:
        super().__init__(talk)
        self._orders = Orders(talk.yard.store)
        self._again: set[asyncio.Task[None]] | None = None

    async def ready(self, client: "Ears") -> None:
        """Begin anew, once in the life of the process, what the one before left undone."""
        if self._again is not None:
            return
        again = self._again = set()
        try:
            orders = await self._orders.kept()
        except MadangError:
            self._again = None
            raise
        for order in orders:
            if order.number not in Jobs.of(self.talk).running:
                task = asyncio.create_task(self._take_up(order))
                again.add(task)
                task.add_done_callback(again.discard)

    async def from_file(self, asked: Asked, file: discord.Attachment, samples: int) -> None:
        """Make questions from a file, whose name and size are looked at before it is fetched."""
        check_file(file.filename, file.size)
        await self._begin(asked, file.filename, file.read, samples)

    async def from_message(self, asked: Asked, message: discord.Message) -> None:
        """Make questions from the first file of a message that can be read, or from its words."""
        readable = [each for each in message.attachments if _can_be_read(each)]
        words = message.content.strip()
        if readable or (message.attachments and not words):
            await self.from_file(asked, (readable or message.attachments)[0], SAMPLES)
        elif words:
            await self._begin(asked, f"{message.id}.txt", _at_once(words.encode()), SAMPLES)
        else:
            await tell(asked, words_for(asked)("generating.nothing"))

    async def _begin(self, asked: Asked, name: str, fetch: Fetch, samples: int) -> None:
        """Begin a job, or tell whoever asked privately why not."""
        author, place, texts = author_asking(asked), place_of(asked), words_for(asked)
        jobs = Jobs.of(self.talk)
        if full := jobs.full(author, place):
            await tell(asked, texts(f"generating.{full}"))
            return
        job = Job(author=author, place=place)
        async with jobs.under_way(str(asked.id), job):
            if await Limits.of(self.talk).turns_away(asked, place):
                return
            message = await show_thinking(asked)
            if not message:
                return
            order = ordered(asked, message, name, samples)
            # Until the file is there, it can only be told that the job was cut off.
            await self._orders.keep(structs.replace(order, again=True))
            try:
                order = structs.replace(order, data=await again(fetch))
            except LOST as error:
                _log.info("an attachment cannot be fetched: %s", error)
                await tell(asked, texts("generating.unreachable"))
                await self._orders.let_go(order.number)
                return
            try:
                await self._work(order, job, self._telling(order))
            except MadangError:
                # Nothing was made: that concerns nobody else, and `tell` takes the message back.
                await self._orders.let_go(order.number)
                raise

    async def _take_up(self, order: Order) -> None:
        """Begin a job anew in its message; one that was cut off twice is given up."""
        job = Job(author=order.author, place=order.place)
        async with Jobs.of(self.talk).under_way(order.number, job):
            texts, telling = _texts(order), self._telling(order)
            words = texts("generating.lost")
            try:
                if not order.again:
                    await self._work(structs.replace(order, again=True), job, telling)
                    return
            except MadangError as error:
                self.talk.yard.monitor.refused(BOT.key, error)
                words = texts.problem(problem_of(error))
            await telling.end(Content(text=words))
            await self._orders.let_go(order.number)

    async def _work(self, order: Order, job: Job, telling: Telling) -> None:
        """Do a job and tell what comes of it; until then it is kept for the next process.

        Raises a `MadangError` for what is wrong before anything was made.
        """
        await self._orders.keep(order)
        texts = _texts(order)
        telling.say(texts("generating.again" if order.again else "generating.begun"))
        try:
            made = await self._made(order, job, telling, texts)
        except MadangError:
            raise
        except Exception:  # noqa: BLE001 - whoever waits is told, whatever went wrong
            _log.exception("making questions at %s failed", order.place.key)
            await telling.end(Content(text=texts("problem.internal")))
        else:
            await _hand_over(telling, made, texts)
        await self._orders.let_go(order.number)

    def _telling(self, order: Order) -> Telling:
        under = Cancelling(number=order.number, label=_texts(order)("generating.cancel"))
        return Telling(self.talk, order.shown, under)

    async def _made(self, order: Order, job: Job, telling: Telling, texts: Texts) -> Generated:
        def progress(headway: Headway) -> None:
            telling.say(headway_words(texts, headway))
            if telling.deleted:
                job.cancel.set()

        return await generate(
            self.talk.yard,
            Document(order.name, order.data),
            author=order.author,
            place=order.place,
            samples=order.samples,
            progress=progress,
            cancel=job.cancel,
        )


async def _hand_over(telling: Telling, made: Generated, texts: Texts) -> None:
    words = outcome_words(texts, made)
    if not made.pairs:
        await telling.end(Content(text=words))
        return
    bare = Content(text=f"{words}\n{texts('generating.too_large')}")
    file = made.jsonl.decode()
    await telling.end(Content(text=words, file_name=made.name, file_text=file), bare)


def _texts(order: Order) -> Texts:
    return Texts.of(__package__, order.locale)


def _can_be_read(file: discord.Attachment) -> bool:
    try:
        check_file(file.filename, file.size)
    except MadangError:
        return False
    return True


def _at_once(data: bytes) -> Fetch:
    async def fetch() -> bytes:
        return data

    return fetch
