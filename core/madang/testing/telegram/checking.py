"""Checking what is sent to a bot, by building it with python-telegram-bot's own types."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import telegram
from telegram import TelegramObject

RESULTS: Mapping[str, type[TelegramObject]] = {
    "sendmessage": telegram.Message,
    "sendrichmessage": telegram.Message,
    "senddocument": telegram.Message,
    "sendphoto": telegram.Message,
    "copymessage": telegram.MessageId,
    "forwardmessage": telegram.Message,
    "editmessagetext": telegram.Message,
    "editmessagecaption": telegram.Message,
    "editmessagereplymarkup": telegram.Message,
    "getme": telegram.User,
    "getchat": telegram.ChatFullInfo,
    "getchatmember": telegram.ChatMember,
    "getchatadministrators": telegram.ChatMember,
    "getfile": telegram.File,
    "getmycommands": telegram.BotCommand,
    "getmyname": telegram.BotName,
    "getmydescription": telegram.BotDescription,
    "getmyshortdescription": telegram.BotShortDescription,
    "getwebhookinfo": telegram.WebhookInfo,
    "getupdates": telegram.Update,
}
# What the service has and python-telegram-bot 22.8 does not know yet.
NEWER = {"rich_message", "stopped_message_generation"}


def problems_of(method: str, result: object) -> list[str]:
    """List the fields of a result that python-telegram-bot cannot place."""
    kind = RESULTS.get(method)
    items = result if isinstance(result, list) else [result]
    return [problem for item in items if kind for problem in _problems(kind, item)]


def _problems(kind: type[TelegramObject], item: Any) -> Iterable[str]:
    if not isinstance(item, dict):
        return [f"{kind.__name__} is no object"]
    try:
        built = kind.de_json(item, None)
    except (TypeError, ValueError, KeyError) as failure:
        return [f"{kind.__name__}: {failure}"]
    return [f"{kind.__name__}.{name}" for name in _unknown(built)]


def _unknown(value: object) -> Iterator[str]:
    if isinstance(value, TelegramObject):
        yield from (name for name in value.api_kwargs if name not in NEWER)
        for name in _attributes(type(value)):
            yield from _unknown(getattr(value, name, None))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _unknown(item)


def _attributes(kind: type) -> set[str]:
    slots = (getattr(base, "__slots__", ()) for base in kind.__mro__)
    names = {name for slot in slots for name in ([slot] if isinstance(slot, str) else slot)}
    return names - {"_bot", "api_kwargs"}
