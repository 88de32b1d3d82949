"""A persona introduces itself: greeting, licence, and questions to begin with as buttons."""

import time

from telegram import InlineKeyboardMarkup

from madang.contract import Persona, PersonaText
from madang.texts import Texts
from madang_telegram import casting
from madang_telegram.heard import Heard
from madang_telegram.keyboards import ASK, MENU, button
from madang_telegram.press import Press
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
    text, keyboard = introduced(room.texts(heard), bound.persona, bound.reference, locale)
    await room.tell(heard, text, keyboard)


def introduced(
    texts: Texts, persona: Persona, reference: str, locale: str
) -> tuple[str, InlineKeyboardMarkup]:
    """Return what a persona says of itself, and the buttons under that."""
    words: PersonaText = persona.text(locale)
    key = casting.key_of(reference)
    samples = [
        [button(sample[:LONGEST_LABEL], ASK, f"{number}:{locale}:{key}")]
        for number, sample in enumerate(words.samples)
    ]
    rows = [*samples, [button(texts("persona.others"), MENU, "p:0")]]
    parts = (words.title, words.greeting, words.notice, words.licence)
    return "\n\n".join(filter(None, parts)), InlineKeyboardMarkup(rows)


async def ask(press: Press) -> str:
    """Ask what a button says, in the name of who pressed it."""
    number, locale, key = press.about.split(":", 2)
    desk, spot, person = press.desk, press.spot, press.person
    role = casting.role_of(desk, spot.place, key)
    here = (await desk.conversations.current(spot.place)).reference
    if role.reference != here and not await may_choose(desk, spot, person.id):
        return press.texts("persona.locked")
    sample = role.info.persona.text(locale).samples[int(number)]
    if press.room.listening.again(spot, f"{person.id} {press.about}"):
        return ""
    await press.answer()
    # Who talks there sees what was asked, and what is answered.
    asked = await desk.tell(spot, f"💬 {person.name}: {sample}")
    if not asked:
        return ""
    press.room.listening.ask(
        Heard(
            spot=spot,
            author=person,
            message_id=asked,
            text=sample,
            created=time.time(),
            persona=role.reference,
        ),
        over=True,
    )
    return ""
