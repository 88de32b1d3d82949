"""Asking by a command, a menu or a button instead of by a message."""

import re
from dataclasses import dataclass
from typing import Any

from discord import ui

from madang.contract import Place, TurnState
from madang.errors import ConversationBusy, MadangError
from madang_discord.asking import Asked, words_for
from madang_discord.interactions import acknowledge, tell, way_of
from madang_discord.limits import Limits
from madang_discord.where import author_asking, place_to_ask

LABEL = 80
Item = ui.Item[Any]


async def ask(asked: Asked, text: str, persona: str = "", place: Place | None = None) -> None:
    """Ask; the answer takes the place of what says that the bot is thinking."""
    talk, author = asked.client.talk, author_asking(asked)
    place, key = place or await place_to_ask(asked), str(asked.id)
    if await _too_much(asked, place):
        return
    # Questions asked meanwhile are answered together: this one would seem to think for ever.
    if any(turn.state is TurnState.PENDING for turn in await talk.conversations.history(place)):
        raise ConversationBusy("An answer is on its way.", "Wait for it, or stop it.")
    await acknowledge(asked, thinking=True)
    here = await talk.conversations.options.at(place, author.id)
    own = talk.conversations.options.own(author.id).persona
    chosen = here.persona if own and not here.locked else ""
    talk.answers.elsewhere[key] = way_of(asked, key)
    try:
        await talk.conversations.say(place, author, text, persona=persona or chosen, message_id=key)
    except MadangError:
        talk.answers.elsewhere.pop(key, None)
        raise


async def _too_much(asked: Asked, place: Place) -> bool:
    """Turn away whoever asks too often."""
    author = author_asking(asked)
    for feature in asked.client.talk.features:
        if isinstance(feature, Limits) and (excess := await feature.reached(place, author)):
            await tell(asked, feature.words(place, author, excess))
            return True
    return False


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
        cls, interaction: Asked, item: Item, match: re.Match[str], /
    ) -> "Sample":
        """Read what it is about from its id."""
        return cls(match["persona"], match["locale"], int(match["number"]))

    async def callback(self, interaction: Asked) -> Any:
        """Ask it."""
        from madang_discord.commands import told

        talk = interaction.client.talk
        source = talk.conversations.personas.get(self.persona.partition(":")[0])
        samples = source.current().text(self.locale).samples if source else ()
        if self.number >= len(samples):
            await tell(interaction, words_for(interaction)("button.missing"))
            return
        try:
            await ask(interaction, samples[self.number], self.persona)
        except MadangError as error:
            await told(interaction, error)
