"""Jobs on documents, each in one message; one that was cut off is begun again, once."""

import asyncio
import logging
from dataclasses import dataclass, field

import msgspec
from telegram import Bot, InlineKeyboardMarkup
from telegram.error import TelegramError

from madang.contract import Author
from madang.delivery import Gone, Growing
from madang.errors import DocumentUnreadable, MadangError
from madang.generating import (
    Document,
    Headway,
    generate,
    headway_words,
    outcome_words,
)
from madang_telegram.desk import Desk, all_of
from madang_telegram.files import send
from madang_telegram.heard import Heard
from madang_telegram.keyboards import CANCEL, button
from madang_telegram.places import BOT, Spot
from madang_telegram.styled import plain
from madang_telegram.surface import BEGUN, Content, Messages

_log = logging.getLogger(__name__)

NOTES = "job/"
TRIES = 2


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Name a document: a file that Telegram keeps, or a text as it is."""

    name: str
    file_id: str = ""
    size: int = 0
    text: str = ""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Hold all that a job needs, as it is noted for the case that the bot is killed.

    `message_id` is what asked for it, `messages` show it, and `tries` is how often it was begun.
    """

    chat: int
    topic: int
    message_id: int
    author: Author
    created: float
    source: Source
    samples: int
    messages: tuple[str, ...] = ()
    tries: int = 1

    @property
    def key(self) -> str:
        """Return the key of its note."""
        return f"{NOTES}{self.chat}/{self.message_id}"

    @property
    def heard(self) -> Heard:
        """Return what asked for it."""
        return Heard(
            spot=Spot(self.chat, self.topic),
            author=self.author,
            message_id=self.message_id,
            text="",
            created=self.created,
        )


@dataclass(eq=False, kw_only=True)
class Job:
    """Work on one document of somebody; `cancel` ends it with what is done."""

    desk: Desk
    order: Order
    cancel: asyncio.Event = field(default_factory=asyncio.Event)
    heard: Heard = field(init=False)
    growing: Growing[Content] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the messages that showed it before it was cut off."""
        self.heard = self.order.heard
        surface = Messages(
            desk=self.desk,
            spot=self.heard.spot,
            sent=self._sent,
            reply_to=self.order.message_id,
        )
        self.growing = Growing(
            self.desk.lanes.messages(self.heard.spot),
            surface,
            messages=self.order.messages,
            placeholder=BEGUN,
        )

    async def run(self) -> None:
        """Show how far it is, and in the end send the file."""
        try:
            if self.order.tries > TRIES:
                await self._end(self._words("documents.cut_off"))
            else:
                await self._work()
        except Gone:
            self.cancel.set()
        await self.desk.yard.store.let_go(BOT, self.order.key)

    async def note(self) -> None:
        """Write down what is needed to begin it again."""
        text = msgspec.json.encode(self.order).decode()
        await self.desk.yard.store.keep(BOT, self.order.key, text, self.order.author.id)

    async def _work(self) -> None:
        heard, texts = self.heard, self.desk.texts(self.heard.place, self.heard.author.id)
        try:
            made = await generate(
                self.desk.yard,
                await fetched(self.desk.bot, self.order.source),
                author=heard.author,
                place=heard.place,
                samples=self.order.samples,
                progress=self._show,
                cancel=self.cancel,
            )
        except MadangError as error:
            await self._end()
            await self.desk.refuse(heard, error)
            return
        await self._end(Content(plain(outcome_words(texts, made)), final=True))
        if made.pairs:
            await send(self.desk, heard.spot, made.jsonl, made.name)

    async def _end(self, *contents: Content) -> None:
        self.growing.show(contents, final=True)
        await self.growing.finished()

    def _show(self, headway: Headway) -> None:
        texts = self.desk.texts(self.heard.place, self.heard.author.id)
        stop = button(texts("documents.cancel"), CANCEL, str(self.order.message_id))
        words = plain(headway_words(texts, headway))
        self.growing.show([Content(words, InlineKeyboardMarkup([[stop]]))])
        if self.growing.gone:
            # Nobody can be told what comes of it.
            self.cancel.set()

    def _words(self, key: str) -> Content:
        return Content(plain(self.desk.texts(self.heard.place, self.heard.author.id)(key)))

    async def _sent(self, message: str) -> bool:
        self.order = msgspec.structs.replace(self.order, messages=(message,))
        await self.note()
        return True


@dataclass(kw_only=True)
class Jobs:
    """Hold the jobs that are worked on, one at a time for each person."""

    _jobs: list[Job] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def of(self, person: str) -> Job | None:
        """Return the job of somebody."""
        return next((each for each in self._jobs if each.order.author.id == person), None)

    def get(self, chat: int, message: int) -> Job | None:
        """Return the job that a message of a chat asked for."""
        asked = (chat, message)
        return next(
            (
                each
                for each in self._jobs
                if (each.desk.now_at(each.order.chat), each.order.message_id) == asked
            ),
            None,
        )

    async def begin(self, desk: Desk, order: Order) -> None:
        """Work on a document beside everything else."""
        job = Job(desk=desk, order=order)
        self._jobs.append(job)
        await job.note()
        task = asyncio.create_task(job.run())
        self._tasks.add(task)

        def over(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self._jobs.remove(job)

        task.add_done_callback(over)

    async def resume(self, desk: Desk) -> None:
        """Begin again what was cut off, in the same messages."""
        for key, text in (await desk.yard.store.kept(BOT, NOTES)).items():
            try:
                order = msgspec.json.decode(text, type=Order)
            except msgspec.DecodeError as error:
                _log.error("a job is lost, its note cannot be read: %s", error)
                await desk.yard.store.let_go(BOT, key)
                continue
            await self.begin(desk, msgspec.structs.replace(order, tries=order.tries + 1))

    def forget(self, person: str) -> None:
        """End the job of somebody."""
        if job := self.of(person):
            job.cancel.set()

    async def close(self, patience: float) -> None:
        """End all with what is done; what cannot be shown in time is begun again later."""
        for job in self._jobs:
            job.cancel.set()
        await all_of(self._tasks, patience)


async def fetched(bot: Bot, source: Source) -> Document:
    """Return what is to be worked on, fetched where it is a file."""
    if not source.file_id:
        return Document(source.name, source.text.encode())
    try:
        file = await bot.get_file(source.file_id)
        return Document(source.name, bytes(await file.download_as_bytearray()))
    except TelegramError as error:
        raise DocumentUnreadable(
            f"{source.name}: Telegram did not give it: {error.message}.", "Send it once more."
        ) from error
