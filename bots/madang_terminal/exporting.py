"""The conversation as a file, written whole or not at all."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from madang.conversation import chosen_path, export_json, export_markdown
from madang.errors import NothingThere
from madang_terminal.talk import Talk

SUFFIXES = {"json": ".json", "markdown": ".md"}


async def export(talk: Talk, argument: str) -> None:
    """Write the conversation to a file, and ask before one is replaced."""
    kind, path = _wanted(talk, argument)
    text = await _exported(talk, kind)
    if await asyncio.to_thread(path.exists):
        question = talk.texts("export.exists", path=path)
        if not await talk.screen.confirm(question, unattended=False):
            await talk.screen.tell(talk.texts("export.kept", path=path), "problem")
            return
    try:
        await asyncio.to_thread(write_whole, path, text)
    except OSError as error:
        why = error.strerror or str(error)
        await talk.screen.tell(talk.texts("export.failed", path=path, why=why), "problem")
    else:
        await talk.screen.tell(talk.texts("done.export", path=path))


def _wanted(talk: Talk, argument: str) -> tuple[str, Path]:
    """Read `[json|markdown] [path]`; a path's ending says what is not said."""
    word, _, rest = argument.partition(" ")
    if word.casefold() not in SUFFIXES:
        kind = "json" if argument.casefold().endswith(".json") else "markdown"
        return kind, _path(talk, kind, argument)
    return word.casefold(), _path(talk, word.casefold(), rest.strip())


def _path(talk: Talk, kind: str, given: str) -> Path:
    name = talk.place.key.replace("/", "-")
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return Path(given).expanduser() if given else Path(f"{name}-{stamp}{SUFFIXES[kind]}")


async def _exported(talk: Talk, kind: str) -> str:
    tree = await talk.conversations.tree(talk.place)
    if not tree:
        raise NothingThere("There is nothing to export.", "Ask something first.")
    titles = {info.persona.name: talk.text_of(info).title for info in talk.personas}
    models = talk.yard.settings.models
    if kind == "json":
        return export_json(tree, models)
    return export_markdown(chosen_path(tree), titles, models)


def write_whole(path: Path, text: str) -> None:
    """Write a file that appears complete or not at all."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
