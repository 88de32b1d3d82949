"""Questions and answers out of a document that somebody sends, or replies to."""

from telegram import CallbackQuery, Message

from madang.errors import MadangError
from madang.generating import check_file
from madang_telegram.heard import Heard
from madang_telegram.jobs import Order, Source
from madang_telegram.places import author_as, spot_of_query
from madang_telegram.rights import is_admin
from madang_telegram.room import Room

TEXT = "message.txt"
SAMPLES = 2


async def command(room: Room, heard: Heard) -> None:
    """Work on the document or the text that a command is about; it may say how many samples."""
    source = _source(heard.about) if heard.about else None
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


async def cancel(room: Room, query: CallbackQuery, about: str) -> str:
    """End a job with what is done; only who began it and admins may."""
    desk, spot, person = room.desk, spot_of_query(query), author_as(query.from_user).id
    texts, job = desk.texts(spot.place, person), room.jobs.get(spot.chat, int(about))
    if job is None:
        return texts("button.old")
    if job.order.author.id != person and not await is_admin(desk, spot, person):
        return texts("button.not_yours")
    job.cancel.set()
    return ""


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
