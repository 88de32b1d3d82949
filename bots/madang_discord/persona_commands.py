"""`/persona` and `/about`: who answers, chosen, listed and described."""

import discord
from discord import app_commands
from discord.app_commands import Choice

from madang.about import about_model, about_speed
from madang.contract import Place
from madang.delivery import split, utf16
from madang.setup import PersonaInfo
from madang_discord.asking import Asked, locale_of, words_for
from madang_discord.interactions import PUBLIC, acknowledge, tell
from madang_discord.personas import complete, title_of, wanted
from madang_discord.places import guild_place
from madang_discord.publishing import word
from madang_discord.questions import Samples
from madang_discord.rights import manages
from madang_discord.where import author_asking, place_of
from madang_discord.wording import LIMIT

WHERE = [Choice(name=word(f"command.{value}"), value=value) for value in ("here", "server", "me")]


class PersonaCommands(app_commands.Group):
    """Choose who answers, and see who could."""

    def __init__(self) -> None:
        super().__init__(name=word("command.persona"), description=word("command.persona_about"))

    @app_commands.command(name=word("command.use"), description=word("command.use_about"))
    @app_commands.rename(name=word("command.persona"), where=word("command.where"))
    @app_commands.describe(name=word("command.name_about"), where=word("command.where_about"))
    @app_commands.autocomplete(name=complete)
    @app_commands.choices(where=WHERE)
    async def use(self, asked: Asked, name: str, where: str = "here") -> None:
        """Let a persona answer here, on the whole server, or somebody alone."""
        info, reference = wanted(asked, name)
        if info.problem is not None:
            # Setting it would say so too, when others have seen that something is on its way.
            raise info.problem
        options, place = asked.client.talk.conversations.options, place_of(asked)
        locked = options.place(place).locked
        refusal = _refusal(asked, where, locked=locked)
        await acknowledge(asked, ephemeral=where == "me" or bool(refusal))
        # What another process changed is known only now.
        locked = (await options.at(place)).locked
        if refusal := _refusal(asked, where, locked=locked):
            await tell(asked, words_for(asked)(refusal))
            return
        await options.set(_subject(asked, where), "persona", reference)
        await _introduce(
            asked, info, reference, _done(asked, where, info, reference, locked=locked)
        )

    @app_commands.command(name=word("command.list"), description=word("command.list_about"))
    async def list(self, asked: Asked) -> None:
        """List the personas."""
        await acknowledge(asked)
        locale = locale_of(asked)
        rows = [
            f"- **{each.persona.text(locale).title}** (`{each.persona.name}`): "
            f"{each.persona.text(locale).description}"
            for each in asked.client.talk.yard.personas(place_of(asked))
        ]
        for page in split("\n".join(rows), LIMIT, measure=utf16):
            await tell(asked, page)

    @app_commands.command(name=word("command.info"), description=word("command.info_about"))
    @app_commands.rename(name=word("command.persona"))
    @app_commands.describe(name=word("command.name_about"))
    @app_commands.autocomplete(name=complete)
    async def info(self, asked: Asked, name: str) -> None:
        """Describe a persona, its model and its licence."""
        await acknowledge(asked)
        info, reference = wanted(asked, name)
        about = info.persona.text(locale_of(asked))
        rows = [f"**{about.title}** (`{info.persona.name}`)", about.description, about.licence]
        await _introduce(asked, info, reference, [*filter(None, rows), *_terms(asked, info)])


@app_commands.command(name=word("command.about"), description=word("command.about_about"))
async def about_command(asked: Asked) -> None:
    """Tell the model, the licence and the speed of who answers here."""
    await acknowledge(asked)
    place, person = place_of(asked), author_asking(asked).id
    here = await asked.client.talk.conversations.options.at(place, person)
    info, reference = wanted(asked, here.persona)
    head = f"**{title_of(info, reference, locale_of(asked))}** (`{info.persona.name}`)"
    model = info.bound.binding.model if info.bound else info.model_name
    speed = about_speed(words_for(asked), asked.client.talk.yard.pool.metrics(model))
    rows = [f"**{label}** {words}" for label, words in speed]
    await tell(asked, "\n".join(_fitting([head, *_terms(asked, info), *rows])))


async def _introduce(asked: Asked, info: PersonaInfo, reference: str, lines: "list[str]") -> None:
    """Show a greeting below some lines, and sample questions as buttons."""
    locale = locale_of(asked)
    about = info.persona.text(locale)
    samples = Samples(persona=reference, locale=locale, samples=tuple(about.samples))
    text = "\n".join(_fitting([*lines, f"> {about.greeting}" if about.greeting else ""]))
    view = samples.view() if about.samples and info.bound else discord.utils.MISSING
    asked.extras.pop(PUBLIC, None)
    await asked.followup.send(text, allowed_mentions=discord.AllowedMentions.none(), view=view)


def _done(
    asked: Asked, where: str, info: PersonaInfo, reference: str, *, locked: bool
) -> "list[str]":
    """Say what was chosen, and where it does not count."""
    texts = words_for(asked)
    lines = [texts(f"done.{where}", title=title_of(info, reference, locale_of(asked)))]
    if where == "me" and locked:
        lines.append(texts("done.me_locked"))
    return lines


def _terms(asked: Asked, info: PersonaInfo) -> "list[str]":
    rows = about_model(words_for(asked), info.model_name, info.model)
    return [f"**{label}** {words}" for label, words in rows]


def _refusal(asked: Asked, where: str, *, locked: bool) -> str:
    """Return the key of the words with which somebody is turned away; empty for who may."""
    if where == "server":
        if asked.guild_id is None:
            return "done.no_server"
        return "" if manages(asked) else "settings.not_allowed"
    return "done.locked" if where == "here" and locked and not manages(asked) else ""


def _subject(asked: Asked, where: str) -> Place | str:
    if where == "me":
        return author_asking(asked).id
    return guild_place(asked.guild_id or 0) if where == "server" else place_of(asked)


def _fitting(lines: "list[str]") -> "list[str]":
    """Leave out lines that are empty, and those that no longer fit one message."""
    kept, room = [], LIMIT
    for line in filter(None, lines):
        room -= utf16(line) + 1
        if room >= 0:
            kept.append(line)
    return kept
