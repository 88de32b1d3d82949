"""The words for people, in every language alike."""

import string

import pytest

from madang.texts import LOCALES, catalogue
from madang_terminal.commands import COMMANDS, aliases

PACKAGES = ("madang", "madang_terminal")


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_the_same_keys_and_placeholders(package: str, locale: str) -> None:
    first = {key: placeholders(text) for key, text in catalogue(package, LOCALES[0]).items()}
    assert {key: placeholders(text) for key, text in catalogue(package, locale).items()} == first


@pytest.mark.parametrize("locale", LOCALES)
def test_every_command_is_described(locale: str) -> None:
    described = {
        key.split(".")[1]
        for key in catalogue("madang_terminal", locale)
        if key.startswith("command.")
    }
    assert described == set(COMMANDS)


def test_no_two_commands_share_a_name() -> None:
    meant: dict[str, set[str]] = {name: {name} for name in COMMANDS}
    for locale in LOCALES:
        for alias, name in aliases(locale).items():
            meant.setdefault(alias, set()).add(name)
    assert [alias for alias, names in meant.items() if len(names) > 1] == []
