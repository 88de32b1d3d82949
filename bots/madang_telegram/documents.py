"""Questions and answers out of a document that somebody sends, or replies to."""

from collections.abc import Sequence

from telegram import Message

from madang.errors import MadangError
from madang.generating import check_file
from madang.generating.generate import PERSONA
from madang_telegram.casting import answering
from madang_telegram.heard import Heard
from madang_telegram.jobs import Order, Source
from madang_telegram.press import Press
from madang_telegram.rights import is_admin
from madang_telegram.room import Room

TEXT = "message.txt"
SAMPLES = 2
LONG = 300
"""What somebody forwards is a text to work on from so many characters on, else a question."""


async def command(room: Room, heard: Heard) -> None:
    """Work on the document or the text that a command is about; it may say how many samples."""
    source = await _source_about(room, heard)
    if source is None:
        await room.say(heard, "documents.usage")
        return
    samples = int(heard.text) if heard.text.isdecimal() and len(heard.text) < 4 else SAMPLES
    await _begin(room, heard, source, samples)


async def sent(room: Room, message: Message) -> None:
    """Work on a document that somebody sends in private."""
    heard, source = await room.hearing.hear(message), _source(message)
    if heard is None or source is None:
        return
    try:
        await _begin(room, heard, source, SAMPLES)
    except MadangError as error:
        await room.desk.refuse(heard, error)


async def forwarded(room: Room, parts: Sequence[Heard]) -> bool:
    """Work on a long text that somebody forwards to the persona that asks about texts.

    False where that is something else.
    """
    last = parts[-1]
    text = "\n\n".join(each.text for each in parts)
    if not last.spot.private or not all(each.forwarded for each in parts) or len(text) < LONG:
        return False
    answers = await answering(room.desk, last.place, last.author.id)
    if answers.persona.name != PERSONA:
        return False
    await _begin(room, last, Source(name=TEXT, text=text), SAMPLES)
    return True


async def cancel(press: Press) -> str:
    """End a job with what is done; only who began it and admins may."""
    desk, spot, person = press.desk, press.spot, press.person.id
    job = press.room.jobs.get(spot.chat, int(press.about))
    if job is None:
        return press.texts("button.old")
    if job.order.author.id != person and not await is_admin(desk, spot, person):
        return press.texts("button.not_yours")
    job.cancel.set()
    return ""


async def _source_about(room: Room, heard: Heard) -> Source | None:
    """Return what a command is about; a rich message tells its text to nobody but the store."""
    if heard.about is None:
        return None
    found = await room.desk.conversations.messages.find(heard.place, str(heard.about.message_id))
    if found and "rich_message" in heard.about.api_kwargs:
        return Source(name=TEXT, text=found.turn.shown)
    return _source(heard.about)


def _source(message: Message) -> Source | None:
    text, file = message.text or message.caption, message.document
    if file:
        return Source(name=file.file_name or "file", file_id=file.file_id, size=file.file_size or 0)
    return Source(name=TEXT, text=text) if text else None


async def _begin(room: Room, heard: Heard, source: Source, samples: int) -> None:
    if room.jobs.of(heard.author.id):
        await room.say(heard, "documents.busy")
        return
    if source.file_id:
        # Before it is fetched.
        check_file(source.name, source.size)
    order = Order(
        chat=heard.spot.chat,
        topic=heard.spot.topic,
        message_id=heard.message_id,
        author=heard.author,
        created=heard.created,
        source=source,
        samples=samples,
    )
    await room.jobs.begin(room.desk, order)
