"""A persona introduces itself: greeting, licence, and questions to begin with as buttons."""

from telegram import CallbackQuery, InlineKeyboardMarkup

from madang.contract import Persona, PersonaText
from madang.texts import Texts
from madang_telegram import casting
from madang_telegram.heard import Heard
from madang_telegram.keyboards import ASK, MENU, button
from madang_telegram.places import author_as, spot_of_query
from madang_telegram.rights import may_choose
from madang_telegram.room import Room

LONGEST_LABEL = 60
LINK = "p_"


async def start(room: Room, heard: Heard) -> None:
    """Greet in the name of who answers here, or of whom a link asks for."""
    desk, wanted = room.desk, heard.text.removeprefix(LINK)
    if heard.text.startswith(LINK):
        role = casting.role_of(desk, heard.place, wanted)
        if not await may_choose(desk, heard.spot, heard.author.id):
            await room.say(heard, "persona.locked")
            return
        await desk.conversations.options.set(heard.place, "persona", role.reference)
    bound = await casting.answering(desk, heard.place, heard.author.id)
    locale = desk.languages.of(heard.place, heard.author.id)
    text, keyboard = introduced(room.texts(heard), bound.persona, locale)
    await room.tell(heard, text, keyboard)


def introduced(texts: Texts, persona: Persona, locale: str) -> tuple[str, InlineKeyboardMarkup]:
    """Return what a persona says of itself, and the buttons under that."""
    words: PersonaText = persona.text(locale)
    key = casting.key_of(persona.name)
    samples = [
        [button(sample[:LONGEST_LABEL], ASK, f"{number}:{key}")]
        for number, sample in enumerate(words.samples)
    ]
    rows = [*samples, [button(texts("persona.others"), MENU, "p:0:")]]
    parts = (words.title, words.greeting, words.notice, words.licence)
    return "\n\n".join(filter(None, parts)), InlineKeyboardMarkup(rows)


async def ask(room: Room, query: CallbackQuery, about: str) -> str:
    """Ask what a button says, in the name of who pressed it."""
    number, _, key = about.partition(":")
    desk, spot, person = room.desk, spot_of_query(query), author_as(query.from_user)
    persona = casting.role_of(desk, spot.place, key).info.persona
    sample = persona.text(desk.languages.of(spot.place, person.id)).samples[int(number)]
    await desk.tell(spot, f"💬 {person.name}: {sample}")
    await desk.conversations.say(spot.place, person, sample, persona=persona.name)
    return ""
