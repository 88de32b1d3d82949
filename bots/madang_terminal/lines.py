"""What a typed line means: a command, a choice from the menu, or something said."""

from madang.conversation import problem_of
from madang.errors import MadangError
from madang_terminal.commands import COMMANDS, Command, find_command, nearest_commands
from madang_terminal.talk import Talk


async def hear(talk: Talk, line: str) -> None:
    """Do what a line says; `//` and `@@` begin something said with a slash or an at sign."""
    offered, talk.offered = talk.offered, False
    line = line.strip()
    if not line:
        return
    if line.startswith("/") and not line.startswith("//"):
        await _command(talk, line[1:])
    elif line.startswith("@") and not line.startswith("@@"):
        await _address(talk, line[1:])
    elif offered and talk.find(line):
        await _command(talk, f"persona {line}")
    else:
        await say(talk, line[1:] if line[:2] in ("//", "@@") else line)


async def say(talk: Talk, text: str, *, persona: str = "") -> None:
    """Say something and tell at once when nobody will answer it."""
    await talk.screen.heard(f"@{persona} {text}" if persona else text)
    try:
        await talk.conversations.say(talk.place, talk.author, text, persona=persona)
    except MadangError as error:
        await talk.screen.failed(talk.texts.problem(problem_of(error)))


async def _command(talk: Talk, line: str) -> None:
    word, argument = _split(line)
    if word.isdecimal():
        await _sample(talk, int(word))
        return
    await talk.screen.heard(f"/{line}", command=True)
    command = find_command(word)
    if command is None:
        hint = " ".join(f"/{name}" for name in nearest_commands(word) or COMMANDS)
        await talk.screen.tell(talk.texts("unknown.command", word=word, hint=hint), "problem")
        return
    await _run(talk, command, argument)


async def _run(talk: Talk, command: Command, argument: str) -> None:
    try:
        await command.run(talk, argument)
    except MadangError as error:
        await talk.screen.tell(talk.texts.problem(problem_of(error)), "problem")
    await talk.refresh()


async def _sample(talk: Talk, number: int) -> None:
    info = talk.current_info
    samples = talk.text_of(info).samples if info else ()
    if 1 <= number <= len(samples):
        await say(talk, samples[number - 1])
    else:
        await talk.screen.tell(talk.texts("unknown.sample", count=len(samples)), "problem")


async def _address(talk: Talk, line: str) -> None:
    word, text = _split(line)
    reference = talk.find(word)
    if not reference:
        names = " ".join(f"@{info.persona.name}" for info in talk.personas)
        await talk.screen.tell(talk.texts("unknown.persona", word=word, names=names), "problem")
    elif not text:
        await talk.screen.tell(talk.texts("unknown.addressed", name=reference), "problem")
    else:
        await say(talk, text, persona=reference)


def _split(line: str) -> tuple[str, str]:
    """Cut after the first word; the rest keeps its line ends."""
    word, *rest = line.split(maxsplit=1) or [""]
    return word, rest[0].strip() if rest else ""
