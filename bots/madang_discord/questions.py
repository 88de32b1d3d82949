"""Asking by a command, a menu or a button instead of by a message."""

import re
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from discord import ui

from madang.contract import Author, Place, TurnState
from madang.errors import ConversationBusy
from madang_discord.asking import Asked, Pressed, words_for
from madang_discord.awaiting import Awaiting
from madang_discord.interactions import itself, show_thinking, tell, telling
from madang_discord.limits import Limits
from madang_discord.personas import wanted
from madang_discord.rights import may_address
from madang_discord.where import author_asking, place_of, place_to_ask

LABEL = 80
Item = ui.Item[Any]


async def ask(asked: Asked, text: str, persona: str = "") -> None:
    """Ask; what says that the bot is thinking grows into the answer.

    What is known without waiting is told before others see anything, and what goes wrong later is
    told in its place: in either case to whoever asked alone.
    """
    chosen = wanted(asked, persona)[1] if persona else ""
    if chosen and not may_address(asked, chosen):
        await tell(asked, words_for(asked)("hint.locked"))
        return
    limits = Limits.of(asked.client.talk)
    if limits.busy(place_of(asked)):
        raise _busy()
    if await limits.turns_away(asked):
        return
    message = await show_thinking(asked)
    if not message and not itself(asked):
        return
    key, awaiting = str(asked.id), Awaiting.of(asked.client.talk)
    try:
        if message:
            await awaiting.wait(asked, key, message)
        place = await place_to_ask(asked)
        async with awaiting.alone(place):
            await _say(asked, place, text, chosen)
    except Exception:
        await awaiting.drop(key)
        raise


async def _say(asked: Asked, place: Place, text: str, persona: str) -> None:
    """Ask where nothing else is being answered.

    Questions asked meanwhile are answered together, in one message: the other would wait for ever.
    """
    conversations, key = asked.client.talk.conversations, str(asked.id)
    history = await conversations.history(place)
    if any(turn.state is TurnState.PENDING for turn in history):
        raise _busy()
    author = author_asking(asked)
    if not persona or not may_address(asked, persona):
        # What another process locked is known only now.
        persona = await _own(asked, place, author)
    turn = await conversations.say(place, author, text, persona=persona, message_id=key)
    after = dropwhile(lambda each: each.id != turn.id, await conversations.history(place))
    if {each.role for each in after} == {"user"}:
        await conversations.messages.deleted(place, key)
        raise _busy()


async def _own(asked: Asked, place: Place, author: Author) -> str:
    """Return whom somebody chose for themselves, where that counts."""
    options = asked.client.talk.conversations.options
    here = await options.at(place, author.id)
    return here.persona if options.own(author.id).persona and not here.locked else ""


def _busy() -> ConversationBusy:
    return ConversationBusy("An answer is on its way.", "Wait for it, or stop it.")


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Be the sample questions of a persona, as buttons."""

    persona: str
    locale: str
    samples: tuple[str, ...]

    def view(self) -> ui.View:
        """Make them anew for one call."""
        view = ui.View(timeout=None)
        for number, sample in enumerate(self.samples[:5]):
            if len(f"madang:sample:{number}:{self.locale}:{self.persona}") <= 100:
                view.add_item(Sample(self.persona, self.locale, number, sample[:LABEL]))
        return view


class Sample(
    ui.DynamicItem[ui.Button[Any]],
    template=r"madang:sample:(?P<number>\d):(?P<locale>[a-z]{2}):(?P<persona>[\w:.-]+)",
):
    """Ask a sample question; whoever presses it is the one who asks."""

    def __init__(self, persona: str, locale: str, number: int, label: str = "") -> None:
        self.persona, self.locale, self.number = persona, locale, number
        key = f"madang:sample:{number}:{locale}:{persona}"
        super().__init__(ui.Button(label=label or "?", custom_id=key))

    @classmethod
    async def from_custom_id(
        cls, interaction: Pressed, item: Item, match: re.Match[str], /
    ) -> "Sample":
        """Read what it is about from its id."""
        return cls(match["persona"], match["locale"], int(match["number"]))

    async def callback(self, interaction: Pressed) -> Any:
        """Ask it."""
        async with telling(interaction):
            talk = interaction.client.talk
            source = talk.conversations.personas.get(self.persona.partition(":")[0])
            samples = source.current().text(self.locale).samples if source else ()
            if self.number < len(samples):
                await ask(interaction, samples[self.number], self.persona)
            else:
                await tell(interaction, words_for(interaction)("button.missing"))
