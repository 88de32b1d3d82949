"""The page about Telegram and the words of the bot agree with the code."""

import string
import tomllib
from pathlib import Path

import msgspec
import pytest
from tests.bots.telegram.world import a_setup
from tests.docs.markdown import Block, blocks, read, rows

from madang.texts import LOCALES, catalogue
from madang_telegram.commands import COMMANDS
from madang_telegram.desk import PACKAGE
from madang_telegram.options import TelegramOptions, read_options

PAGE = read("telegram.md")
EXAMPLES = [block for block in blocks(PAGE) if block.language == "toml"]


def test_every_option_is_in_the_page() -> None:
    assert {row[0] for row in rows(PAGE, "option")} == set(TelegramOptions.__struct_fields__)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda block: f"line {block.line}")
def test_examples_are_read(example: Block, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(example.text, "utf-8")
    options = read_options(a_setup(path, {"MADANG_HOME": str(tmp_path)}), "telegram")
    given = tomllib.loads(example.text)["bots"]["telegram"]["options"]
    taken = msgspec.json.decode(msgspec.json.encode(options))
    assert {key: taken[key] for key in given} == given


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    korean, english = (catalogue(PACKAGE, locale) for locale in LOCALES)
    assert set(korean) == set(english)
    for key, text in korean.items():
        assert _values(text) == _values(english[key]), key


def test_every_command_is_in_the_page() -> None:
    commands = {row[0] for row in rows(PAGE, "command")}
    assert commands == {f"/{each.name}" for each in COMMANDS}


def test_every_command_has_words_that_telegram_takes() -> None:
    for locale in LOCALES:
        words = catalogue(PACKAGE, locale)
        assert all(1 <= len(words[f"command.{each.name}"]) <= 256 for each in COMMANDS)


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
