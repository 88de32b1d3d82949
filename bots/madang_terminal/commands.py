"""The commands that begin with a slash, one small function each."""

import difflib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from madang.contract import Turn
from madang.errors import NothingThere
from madang.setup import PersonaInfo
from madang.texts import LOCALES, Texts, catalogue
from madang_terminal.about import about
from madang_terminal.exporting import export
from madang_terminal.talk import Talk
from madang_terminal.words import ended

HISTORY_TURNS = 20


async def help_(talk: Talk, argument: str) -> None:
    """List the commands, or explain one."""
    texts = talk.texts
    command = find_command(argument.lstrip("/"))
    if command:
        rows = [(texts(f"command.{command.name}.usage"), texts(f"command.{command.name}.summary"))]
        await talk.screen.table(rows)
        await talk.screen.tell(texts(f"command.{command.name}.more"), "plain")
        return
    if argument:
        await talk.screen.tell(texts("unknown.help", word=argument), "problem")
    usages = [(f"command.{name}.usage", f"command.{name}.summary") for name in COMMANDS]
    await talk.screen.table([(texts(usage), texts(summary)) for usage, summary in usages])
    await talk.screen.tell(texts("help.tips"), "plain")


async def persona(talk: Talk, argument: str) -> None:
    """Let another persona answer, or introduce the one that does."""
    if argument:
        reference = talk.find(argument)
        if not reference:
            names = ", ".join(info.persona.name for info in talk.personas)
            text = talk.texts("unknown.persona", word=argument, names=names)
            await talk.screen.tell(text, "problem")
            return
        await talk.conversations.use(talk.place, reference)
        await talk.refresh()
    await introduce(talk)


async def introduce(talk: Talk) -> None:
    """Greet in the name of the persona that answers here, with questions to begin with."""
    info = talk.current_info
    if info is None or talk.current is None:
        await talk.screen.tell(talk.texts("persona.nobody"), "problem")
        return
    text = talk.text_of(info)
    title = talk.texts("persona.title", title=text.title, reference=talk.current.reference)
    await talk.screen.tell(title, "heading")
    await talk.screen.tell(text.description)
    await talk.screen.tell(text.greeting, "plain")
    samples = [(f"/{number}", sample) for number, sample in enumerate(text.samples, start=1)]
    await talk.screen.table(samples)
    if info.references[1:]:
        modes = "  ".join(info.references[1:])
        await talk.screen.tell(talk.texts("persona.modes", modes=modes))


async def personas(talk: Talk, _: str) -> None:
    """Show the menu of personas."""
    await talk.screen.table([_menu_row(talk, *each) for each in enumerate(talk.personas, start=1)])
    await talk.screen.tell(talk.texts("persona.choose"), "note")
    talk.offered = True


def _menu_row(talk: Talk, number: int, info: PersonaInfo) -> tuple[str, ...]:
    text = talk.text_of(info)
    mark = "●" if _answers(talk, info) else " "
    off = talk.texts("persona.off") if info.problem else ""
    return (f"{mark} {number}", text.title, info.persona.name, off or text.description)


def _answers(talk: Talk, info: PersonaInfo) -> bool:
    return talk.current is not None and talk.current.persona.name == info.persona.name


async def reset(talk: Talk, _: str) -> None:
    """Begin the conversation anew."""
    await talk.conversations.reset(talk.place)
    await talk.screen.tell(talk.texts("done.reset"))


async def retry(talk: Talk, _: str) -> None:
    """Ask for the last answer once more."""
    await talk.conversations.retry(talk.place)


async def variants(talk: Talk, argument: str) -> None:
    """List the variants of the last answer, or choose one."""
    found = await talk.conversations.variants(talk.place)
    if not argument:
        await talk.screen.table(
            [_variant_row(talk.texts, *each) for each in enumerate(found, start=1)]
        )
        await talk.screen.tell(talk.texts("variants.choose"))
    elif argument.isdecimal() and 1 <= int(argument) <= len(found):
        turn = await talk.conversations.show_variant(talk.place, int(argument))
        await talk.screen.turns([turn])
    else:
        await talk.screen.tell(talk.texts("unknown.variant", count=len(found)), "problem")


def _variant_row(texts: Texts, number: int, turn: Turn) -> tuple[str, str]:
    mark = "●" if turn.chosen else " "
    return (f"{mark} {number}", " ".join(filter(None, (turn.shown, ended(texts, turn)))))


async def undo(talk: Talk, _: str) -> None:
    """Take the last question and its answer back."""
    taken = await talk.conversations.undo(talk.place)
    asked = next((turn.shown for turn in taken if turn.role == "user"), "")
    await talk.screen.tell(talk.texts("done.undo", text=asked))


async def edit(talk: Talk, argument: str) -> None:
    """Say the last question in other words, or put it before the person to change."""
    if argument:
        await talk.screen.heard(argument)
        await talk.conversations.edit(talk.place, talk.author, argument)
        return
    history = await talk.conversations.history(talk.place)
    asked = [turn.shown for turn in history if turn.role == "user"]
    if not asked:
        raise NothingThere("There is no question to edit.", "Ask one first.")
    if not talk.screen.prefill(f"/edit {asked[-1]}"):
        await talk.screen.tell(talk.texts("command.edit.usage"), "problem")


async def continue_(talk: Talk, _: str) -> None:
    """Continue the last answer where it was stopped or cut."""
    await talk.conversations.go_on(talk.place)


async def history(talk: Talk, argument: str) -> None:
    """Show what was said in this conversation."""
    count = int(argument) if argument.isdecimal() else HISTORY_TURNS
    turns = await talk.conversations.history(talk.place)
    if not turns:
        await talk.screen.tell(talk.texts("history.none"))
    await talk.screen.turns(turns[max(len(turns) - count, 0) :])


async def forget(talk: Talk, _: str) -> None:
    """Delete all that the person ever said here, and the answers."""
    question = talk.texts("forget.sure", author=talk.author.id)
    if not await talk.screen.confirm(question, unattended=True):
        await talk.screen.tell(talk.texts("forget.kept"))
        return
    count = await talk.conversations.forget(talk.author.id)
    talk.screen.forget()
    await talk.screen.tell(talk.texts("done.forget", count=count))


async def stop(talk: Talk, _: str) -> None:
    """Stop the answer on its way."""
    if not await talk.conversations.stop(talk.place):
        await talk.screen.tell(talk.texts("stop.nothing"))


async def quit_(talk: Talk, _: str) -> None:
    """Leave."""
    talk.leaving = True


@dataclass(frozen=True)
class Command:
    """Pair a command's name with what it does."""

    name: str
    run: Callable[[Talk, str], Awaitable[None]]


COMMANDS: Mapping[str, Command] = {
    name: Command(name, run)
    for name, run in (
        ("help", help_),
        ("persona", persona),
        ("personas", personas),
        ("about", about),
        ("reset", reset),
        ("retry", retry),
        ("variants", variants),
        ("undo", undo),
        ("edit", edit),
        ("continue", continue_),
        ("history", history),
        ("export", export),
        ("forget", forget),
        ("stop", stop),
        ("quit", quit_),
    )
}


def aliases(locale: str) -> dict[str, str]:
    """Map the other names of commands in a language to the names."""
    words = catalogue(__package__, locale)
    return {each: name for name in COMMANDS for each in words[f"command.{name}.aliases"].split()}


def find_command(word: str) -> Command | None:
    """Return a command by its name, or by another name it has in any language."""
    word = word.casefold()
    known = {each: name for locale in LOCALES for each, name in aliases(locale).items()}
    return COMMANDS.get(known.get(word, word))


def nearest_commands(word: str) -> list[str]:
    """Return the names that a mistyped word may mean."""
    begins = [name for name in COMMANDS if word and name.startswith(word.casefold())]
    return begins or difflib.get_close_matches(word.casefold(), COMMANDS, n=1, cutoff=0.5)
