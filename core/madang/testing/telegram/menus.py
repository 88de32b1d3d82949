"""Menus: the commands that a person sees, by scope and language."""

import re
from collections.abc import Iterator
from typing import Any

from madang.testing.telegram.chats import Chat
from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Json, bad_request

NAME = re.compile(r"[a-z0-9_]{1,32}")
SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
Scope = tuple[str, ...]


class Menus:
    """Keep the lists of commands of a bot."""

    def __init__(self) -> None:
        self._lists: dict[tuple[Scope, str], list[Json]] = {}

    def set(self, scope: Json, language: str, commands: list[Any]) -> None:
        """Replace a list."""
        for command in commands:
            _check(command)
        if len(commands) > 100:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        self._lists[read_scope(scope), read_language(language)] = commands

    def get(self, scope: Json, language: str) -> list[Json]:
        """Return exactly one list, without looking further."""
        return self._lists.get((read_scope(scope), read_language(language)), [])

    def delete(self, scope: Json, language: str) -> None:
        """Forget a list."""
        self._lists.pop((read_scope(scope), read_language(language)), None)

    def seen_by(self, user: User, chat: Chat) -> list[Json]:
        """Return the list that somebody sees in a chat: the narrowest scope that has one."""
        for scope in _scopes(user, chat):
            for language in (user.language_code, ""):
                if (scope, language) in self._lists:
                    return self._lists[scope, language]
        return []


def read_scope(scope: Json) -> Scope:
    """Read a BotCommandScope; none is the default."""
    kind = str(scope.get("type", "default"))
    if kind not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if any(key not in scope for key in SCOPES[kind]):
        raise bad_request(f"can't parse BotCommandScope: {SCOPES[kind][-1]} is empty")
    return (kind, *(str(scope[key]) for key in SCOPES[kind]))


def read_language(code: str) -> str:
    """Read a language: two letters, or none for all without a list of their own."""
    if code and not re.fullmatch(r"[a-z]{2,3}", code):
        raise bad_request("invalid language code specified")
    return code


def _scopes(user: User, chat: Chat) -> Iterator[Scope]:
    where = str(chat.id)
    if chat.is_group:
        yield ("chat_member", where, str(user.id))
        if chat.status_of(user) in ("creator", "administrator"):
            yield ("chat_administrators", where)
            yield ("chat", where)
            yield ("all_chat_administrators",)
    yield ("chat", where)
    yield ("all_group_chats",) if chat.is_group else ("all_private_chats",)
    yield ("default",)


def _check(command: Any) -> None:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an object")
    if not NAME.fullmatch(str(command.get("command", "")).removeprefix("/")):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(str(command.get("description", ""))) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
