"""Questions and answers out of a document: the job in one message, then a file."""

import asyncio
import itertools
from dataclasses import dataclass, field

from telegram import Bot, CallbackQuery, InlineKeyboardMarkup, Message
from telegram import Document as Attached
from telegram.error import TelegramError

from madang.delivery import Gone, Growing
from madang.errors import DocumentUnreadable, MadangError
from madang.generating import (
    Document,
    Headway,
    check_file,
    generate,
    headway_words,
    outcome_words,
)
from madang_telegram.desk import Desk, all_of
from madang_telegram.files import send
from madang_telegram.heard import Heard
from madang_telegram.keyboards import CANCEL, button
from madang_telegram.places import Spot, author_as, spot_of_query
from madang_telegram.rights import is_admin
from madang_telegram.room import Room
from madang_telegram.styled import plain
from madang_telegram.surface import Content, Messages

BEGUN = Content(plain("…"), final=True)
TEXT = "message.txt"
SAMPLES = 2


@dataclass(eq=False, kw_only=True)
class Job:
    """Work on one document of somebody; `cancel` ends it with what is done."""

    desk: Desk
    heard: Heard
    number: int
    cancel: asyncio.Event = field(default_factory=asyncio.Event)
    growing: Growing[Content] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing to be seen."""
        spot = self.heard.spot
        surface = Messages(
            desk=self.desk, spot=spot, sent=self._sent, reply_to=self.heard.message_id
        )
        self.growing = Growing(self.desk.lanes.messages(spot), surface, placeholder=BEGUN)

    async def run(self, document: Document, samples: int) -> None:
        """Show how far it is, and in the end send the file."""
        try:
            await self._work(document, samples)
        except Gone:
            self.cancel.set()

    async def _work(self, document: Document, samples: int) -> None:
        heard, texts = self.heard, self.desk.texts(self.heard.place, self.heard.author.id)
        try:
            made = await generate(
                self.desk.yard,
                document,
                author=heard.author,
                place=heard.place,
                samples=samples,
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
        stop = button(texts("documents.cancel"), CANCEL, str(self.number))
        words = plain(headway_words(texts, headway))
        self.growing.show([Content(words, InlineKeyboardMarkup([[stop]]))])

    async def _sent(self, message: str) -> bool:
        return True


@dataclass(kw_only=True)
class Jobs:
    """Hold the jobs that are worked on, one at a time for each person."""

    _jobs: dict[int, Job] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def of(self, person: str) -> Job | None:
        """Return the job of somebody."""
        return next((each for each in self._jobs.values() if each.heard.author.id == person), None)

    def get(self, number: int) -> Job | None:
        """Return a job by its number."""
        return self._jobs.get(number)

    def begin(self, desk: Desk, heard: Heard, document: Document, samples: int) -> None:
        """Work on a document beside everything else."""
        job = Job(desk=desk, heard=heard, number=next(self._numbers))
        self._jobs[job.number] = job
        task = asyncio.create_task(job.run(document, samples))
        self._tasks.add(task)

        def over(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            del self._jobs[job.number]

        task.add_done_callback(over)

    async def close(self, patience: float) -> None:
        """End all with what is done; what cannot be shown in time is lost."""
        for job in self._jobs.values():
            job.cancel.set()
        await all_of(set(self._tasks), patience)


async def command(room: Room, heard: Heard) -> None:
    """Work on the document or the text that a command replies to; it may say how many samples."""
    replied = heard.replied
    text = (replied.text or replied.caption or "") if replied else ""
    if replied is None or not (replied.document or text):
        await room.say(heard, "documents.usage")
        return
    samples = int(heard.text) if heard.text.isdecimal() and len(heard.text) < 4 else SAMPLES
    await _begin(room, heard, replied.document or text, samples)


async def sent(room: Room, message: Message) -> None:
    """Work on a document that somebody sends in private."""
    heard = await room.hearing.hear(message)
    if heard is None or message.document is None:
        return
    try:
        await _begin(room, heard, message.document, SAMPLES)
    except MadangError as error:
        await room.desk.refuse(heard, error)


async def cancel(room: Room, query: CallbackQuery, about: str) -> str:
    """End a job with what is done; only who began it and admins may."""
    desk, spot, person = room.desk, spot_of_query(query), author_as(query.from_user).id
    texts, job = desk.texts(spot.place, person), room.jobs.get(int(about))
    if job is None or Spot(job.heard.spot.chat) != Spot(spot.chat):
        return texts("button.old")
    if job.heard.author.id != person and not await is_admin(desk, spot, person):
        return texts("button.not_yours")
    job.cancel.set()
    return ""


async def _begin(room: Room, heard: Heard, source: Attached | str, samples: int) -> None:
    if room.jobs.of(heard.author.id):
        await room.say(heard, "documents.busy")
        return
    if isinstance(source, str):
        document = Document(TEXT, source.encode())
    else:
        document = await _fetched(room.desk.bot, source)
    room.jobs.begin(room.desk, heard, document, samples)


async def _fetched(bot: Bot, attached: Attached) -> Document:
    """Fetch a file, once its name and size say that it can be read."""
    name = attached.file_name or "file"
    check_file(name, attached.file_size or 0)
    try:
        file = await bot.get_file(attached.file_id)
        return Document(name, bytes(await file.download_as_bytearray()))
    except TelegramError as error:
        raise DocumentUnreadable(
            f"{name}: Telegram did not give it: {error.message}.", "Send it once more."
        ) from error
