"""Who answers here, with which model, and under which licence."""

from madang.about import about_model
from madang_telegram.casting import answering
from madang_telegram.heard import Heard
from madang_telegram.room import Room


async def about(room: Room, heard: Heard) -> None:
    """Say which persona, model and licence are behind the answers."""
    desk, texts = room.desk, room.texts(heard)
    bound = await answering(desk, heard.place, heard.author.id)
    words = bound.persona.text(desk.languages.of(heard.place, heard.author.id))
    name = bound.binding.model
    rows = [
        (texts("about.persona"), f"{words.title} ({bound.reference})"),
        *about_model(texts, name, desk.yard.settings.models.get(name)),
    ]
    lines = [f"{label}: {value}" for label, value in rows]
    await room.tell(heard, "\n".join(filter(None, [*lines, words.licence])))
