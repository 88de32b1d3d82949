"""`/persona` and `/about`: who answers, chosen, listed and described."""

from collections.abc import Iterator

import discord
from discord import app_commands
from discord.app_commands import Choice

from madang.about import about_model, about_speed
from madang.contract import Place
from madang.errors import UnknownPersona, nearest
from madang.setup import PersonaInfo
from madang_discord.asking import Asked, manages, words_for
from madang_discord.interactions import acknowledge, tell
from madang_discord.places import guild_place
from madang_discord.publishing import word
from madang_discord.questions import Samples
from madang_discord.where import author_asking, place_of

MOST_CHOICES, MOST_LETTERS = 25, 100
ROOM = 1900
WHERE = [Choice(name=word(f"command.{value}"), value=value) for value in ("here", "server", "me")]


async def complete(asked: Asked, typed: str) -> list[Choice[str]]:
    """Offer the personas that can answer here and whose names hold what was typed."""
    locale, wanted = _locale(asked), typed.casefold()
    found = [
        Choice(name=name[:MOST_LETTERS], value=reference)
        for info in asked.client.talk.yard.personas(place_of(asked))
        if info.bound is not None
        for reference, name in _names(info, locale)
        if wanted in name.casefold() or wanted in reference.casefold()
    ]
    return [each for each in found if len(each.value) <= MOST_LETTERS][:MOST_CHOICES]


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
        info, reference = _wanted(asked, name)
        options, place = asked.client.talk.conversations.options, place_of(asked)
        here, texts = await options.at(place), words_for(asked)
        if refusal := _refusal(asked, where, locked=here.locked):
            await tell(asked, texts(refusal))
            return
        await acknowledge(asked, ephemeral=where == "me")
        await options.set(_subject(asked, where), "persona", reference)
        lines = [texts(f"done.{where}", title=_title(info, reference, _locale(asked)))]
        if where == "me" and here.locked:
            lines.append(texts("done.me_locked"))
        await _introduce(asked, info, lines)

    @app_commands.command(name=word("command.list"), description=word("command.list_about"))
    async def list(self, asked: Asked) -> None:
        """List the personas."""
        await acknowledge(asked, ephemeral=True)
        locale = _locale(asked)
        rows = [
            f"- **{each.persona.text(locale).title}** (`{each.persona.name}`): "
            f"{each.persona.text(locale).description}"
            for each in asked.client.talk.yard.personas(place_of(asked))
        ]
        await tell(asked, "\n".join(_fitting(rows)))

    @app_commands.command(name=word("command.info"), description=word("command.info_about"))
    @app_commands.rename(name=word("command.persona"))
    @app_commands.describe(name=word("command.name_about"))
    @app_commands.autocomplete(name=complete)
    async def info(self, asked: Asked, name: str) -> None:
        """Describe a persona, its model and its licence."""
        await acknowledge(asked, ephemeral=True)
        info, _ = _wanted(asked, name)
        about = info.persona.text(_locale(asked))
        rows = [f"**{about.title}** (`{info.persona.name}`)", about.description, about.licence]
        await _introduce(asked, info, [*filter(None, rows), *_terms(asked, info)])


@app_commands.command(name=word("command.about"), description=word("command.about_about"))
async def about_command(asked: Asked) -> None:
    """Tell the model, the licence and the speed of who answers here."""
    await acknowledge(asked, ephemeral=True)
    place, person = place_of(asked), author_asking(asked).id
    here = await asked.client.talk.conversations.options.at(place, person)
    info, reference = _wanted(asked, here.persona)
    head = f"**{_title(info, reference, _locale(asked))}** (`{info.persona.name}`)"
    model = info.bound.binding.model if info.bound else info.model_name
    speed = about_speed(words_for(asked), asked.client.talk.yard.pool.metrics(model))
    rows = [f"**{label}** {words}" for label, words in speed]
    await tell(asked, "\n".join(_fitting([head, *_terms(asked, info), *rows])))


async def _introduce(asked: Asked, info: PersonaInfo, lines: "list[str]") -> None:
    """Show a greeting below some lines, and sample questions as buttons."""
    locale = _locale(asked)
    about = info.persona.text(locale)
    samples = Samples(persona=info.persona.name, locale=locale, samples=tuple(about.samples))
    text = "\n".join(_fitting([*lines, f"> {about.greeting}" if about.greeting else ""]))
    view = samples.view() if about.samples and info.bound else discord.utils.MISSING
    await asked.followup.send(text, allowed_mentions=discord.AllowedMentions.none(), view=view)


def _wanted(asked: Asked, name: str) -> tuple[PersonaInfo, str]:
    """Find a persona by its reference or its title, also one that cannot answer now."""
    infos = asked.client.talk.yard.personas(place_of(asked))
    for info in infos:
        for reference, title in (*_names(info, "ko"), *_names(info, "en")):
            if name in (reference, title):
                return info, reference
    raise UnknownPersona(
        f"There is no persona '{name}'.", nearest(name, [each.persona.name for each in infos])
    )


def _names(info: PersonaInfo, locale: str) -> Iterator[tuple[str, str]]:
    for reference in info.references:
        yield reference, _title(info, reference, locale)


def _title(info: PersonaInfo, reference: str, locale: str) -> str:
    title, mode = info.persona.text(locale).title, reference.partition(":")[2]
    return f"{title} · {mode}" if mode else title


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


def _locale(asked: Asked) -> str:
    return "ko" if asked.locale is discord.Locale.korean else "en"


def _fitting(lines: "list[str]") -> "list[str]":
    """Leave out lines that are empty, and those that no longer fit one message."""
    kept, room = [], ROOM
    for line in filter(None, lines):
        room -= len(line) + 1
        if room >= 0:
            kept.append(line)
    return kept
