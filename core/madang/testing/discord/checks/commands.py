"""Rules of application commands: names, descriptions, options, choices and translations."""

import unicodedata
from typing import Final

from madang.testing.discord.refusals import Form, Json

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
AT_MOST: Final = {CHAT: 100, USER: 15, MESSAGE: 15}
TOGETHER = 8000
LOCALES: Final = frozenset(
    (
        *("id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu"),
        *("nl", "no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru"),
        *("uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko"),
    )
)


def check_commands(commands: list[Json]) -> None:
    """Refuse a whole set of commands, by its position in the list, or let it pass."""
    form = Form()
    seen: set[tuple[int, str]] = set()
    for number, command in enumerate(commands):
        _command(form, f"{number}", command)
        key = (command.get("type", CHAT), command.get("name", ""))
        if key in seen:
            code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
            form.wrong(f"{number}", code, "Application command names must be unique")
        seen.add(key)
    _count(form, commands)
    form.done()


def check_command(command: Json) -> None:
    """Refuse one command or let it pass."""
    form = Form()
    _command(form, "", command)
    form.done()


def _count(form: Form, commands: list[Json]) -> None:
    for kind, most in AT_MOST.items():
        if sum(command.get("type", CHAT) == kind for command in commands) > most:
            code = "APPLICATION_COMMAND_TOO_MANY"
            form.wrong("_", code, f"Maximum number of commands of type {kind} is {most}")


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _command(form: Form, path: str, command: Json) -> None:
    kind = command.get("type", CHAT)
    if kind not in AT_MOST:
        form.wrong(_at(path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
        return
    _named(form, path, command, free=kind != CHAT)
    if kind == CHAT:
        _options(form, path, command.get("options") or [], {SUBCOMMAND, GROUP})
    elif command.get("description") or command.get("options"):
        code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION"
        form.wrong(path or "_", code, "Context menu commands have no description or options")
    if _size(command) > TOGETHER:
        form.wrong(path or "_", "APPLICATION_COMMAND_TOO_LARGE", f"Must be {TOGETHER} or fewer.")


def _named(form: Form, path: str, item: Json, *, free: bool) -> None:
    """Check the name, the description and the translations of a command or an option."""
    _name(form, _at(path, "name"), item.get("name"), free=free)
    if not free:
        form.length(_at(path, "description"), item.get("description"), 1, 100)
    for locale, text in (item.get("name_localizations") or {}).items():
        _locale(form, _at(path, "name_localizations"), locale)
        _name(form, _at(path, f"name_localizations.{locale}"), text, free=free)
    for locale, text in (item.get("description_localizations") or {}).items():
        _locale(form, _at(path, "description_localizations"), locale)
        form.length(_at(path, f"description_localizations.{locale}"), text, 1, 100)


def _locale(form: Form, path: str, locale: str) -> None:
    if locale not in LOCALES:
        form.wrong(f"{path}.{locale}", "ENUM_TYPE_COERCE", f"'{locale}' is not a valid locale")


def _name(form: Form, path: str, name: object, *, free: bool) -> None:
    form.length(path, name, 1, 32)
    if isinstance(name, str) and not free and not (name == name.lower() and _spelt(name)):
        code = "APPLICATION_COMMAND_INVALID_NAME"
        form.wrong(path, code, "Command name is invalid")


def _spelt(name: str) -> bool:
    """Tell whether a name has only letters, numbers, marks of Devanagari and Thai, and -_'."""
    return all(
        character in "-_'"
        or unicodedata.category(character)[0] in "LN"
        or unicodedata.name(character, "").startswith(("DEVANAGARI", "THAI"))
        for character in name
    )


def _options(form: Form, path: str, options: list[Json], nested: set[int]) -> None:
    form.length(_at(path, "options"), options, 0, 25)
    optional = False
    names: set[object] = set()
    for number, option in enumerate(options):
        at = _at(path, f"options.{number}")
        _named(form, at, option, free=False)
        if option.get("name") in names:
            code = "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"
            form.wrong(f"{at}.name", code, "Option names must be unique")
        names.add(option.get("name"))
        if option.get("required") and optional:
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            form.wrong(at, code, "Required options must be placed before non-required options")
        optional = optional or not option.get("required")
        _option(form, at, option, nested)
    if len({option.get("type") in (SUBCOMMAND, GROUP) for option in options}) > 1:
        code = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
        form.wrong(_at(path, "options"), code, "Sub-command and other options cannot be mixed")


def _option(form: Form, path: str, option: Json, nested: set[int]) -> None:
    kind = int(option.get("type") or 0)
    if kind not in range(1, 12):
        form.wrong(f"{path}.type", "BASE_TYPE_CHOICES", "Value must be from 1 to 11.")
    elif kind in (SUBCOMMAND, GROUP):
        if kind not in nested:
            code = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
            form.wrong(f"{path}.type", code, "Sub-commands are nested too deeply")
        inside = {SUBCOMMAND} if kind == GROUP else set()
        _options(form, path, option.get("options") or [], inside)
    else:
        _choices(form, path, option, kind)


def _choices(form: Form, path: str, option: Json, kind: int) -> None:
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        code = "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES"
        form.wrong(path, code, "Autocomplete cannot be used with choices")
    if (choices or option.get("autocomplete")) and kind not in (STRING, INTEGER, NUMBER):
        code = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
        form.wrong(path, code, "Only text and numbers have choices")
    check_choices(form, f"{path}.choices", choices, kind)


def check_choices(form: Form, path: str, choices: list[Json], kind: int) -> None:
    """Note what is wrong with the choices of an option or of an autocompletion."""
    form.length(path, choices, 0, 25)
    for number, choice in enumerate(choices):
        form.length(f"{path}.{number}.name", choice.get("name"), 1, 100)
        for locale in choice.get("name_localizations") or {}:
            _locale(form, f"{path}.{number}.name_localizations", locale)
        if kind == STRING:
            form.length(f"{path}.{number}.value", choice.get("value"), 1, 100)
        elif not isinstance(choice.get("value"), int | float):
            form.wrong(f"{path}.{number}.value", "NUMBER_TYPE_COERCE", "Not a number")


def _size(item: Json) -> int:
    """Count name, description and values of a command and all in it, longest translations taken."""
    total = 0
    for key in ("name", "description"):
        texts = [item.get(key) or "", *(item.get(f"{key}_localizations") or {}).values()]
        total += max(len(text) for text in texts)
    total += len(item["value"]) if isinstance(item.get("value"), str) else 0
    parts = [*(item.get("options") or []), *(item.get("choices") or [])]
    return total + sum(_size(part) for part in parts)
