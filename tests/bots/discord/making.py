"""A persona that makes questions of documents, and documents for it."""

import json
from pathlib import Path

from tests.bots.discord.backend import Storyteller
from tests.bots.discord.world import build

from madang.contract import Request
from madang.testing import Answer
from madang.testing.discord import Upload
from madang.testing.discord.state.messages import Message

PAIR = "[[Q]] 광합성은 어디에서 일어나? [[A]] 잎에서 일어난다"
LEAF = "잎은 광합성이 일어나는 곳이다. " * 4
BOOK = Upload(name="책.md", data=f"# 잎\n\n{LEAF}".encode())
BOTH = Upload(name="책.md", data=f"# 잎\n\n{LEAF}\n\n# 옛날\n\n이야기 {LEAF}".encode())
TALE = Upload(name="옛날.txt", data=f"이야기 하나를 읽어 주세요. {LEAF}".encode())


class PairMaker(Storyteller):
    """Make a pair of whatever is read, and tell a story as it does for people."""

    def answer(self, request: Request) -> Answer:
        told = super().answer(request)
        return told if "이야기" in told.text else Answer(PAIR)


def with_maker(folder: Path, options: str = "") -> Path:
    """Let the persona be found that makes pairs; the model is one that does, in any process."""
    profile = build(folder, options=options)
    profile.write_text(profile.read_text("utf-8").replace('"qa_generator", ', ""), "utf-8")
    plugin = folder / "plugins" / "held.py"
    other = "tests.bots.discord.making import PairMaker as Storyteller"
    text = plugin.read_text("utf-8")
    plugin.write_text(text.replace("tests.bots.discord.backend import Storyteller", other), "utf-8")
    return profile


def has_file(message: Message) -> bool:
    return bool(message.attachments)


def rows(message: Message) -> list[dict[str, object]]:
    (file,) = message.attachments
    return [json.loads(line) for line in file.text.splitlines()]
