"""Updates that wait to be worked on; what people say in them cannot be lost."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from telegram import Bot, Message, Update
from telegram.error import NetworkError

from madang.contract import Store
from madang.errors import MadangError
from madang_telegram.heard import Heard
from madang_telegram.places import BOT, author_of
from madang_telegram.recent import Recent

_log = logging.getLogger(__name__)

NOTES = "update/"
TRIES = 3

Said = tuple[int, int]
"""A chat and a message in it, or an update about the chat below 0."""


@dataclass(eq=False)
class _Open:
    """Hold the keys of the notes about a message.

    Those of `waiting` were worked on, and stay for as long as the message is `held`.
    """

    coming: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    held: bool = False


class Inbox(asyncio.Queue[object]):
    """Queue updates, keeping a note of each that matters until it was taken care of.

    python-telegram-bot lets Telegram know that an update came once `put` has returned, when it asks
    for the next ones or answers a webhook. So a process may be killed at any moment: what it was
    not done with is worked on after the next start, at most three times in all. `concerns` says
    which messages are worth it. Once it is `closed` nothing more is begun.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.closed = False
        self.concerns: Callable[[Message], bool] = lambda message: True
        self._store = store
        self._seen: Recent[int, None] = Recent()
        self._open: dict[Said, _Open] = {}

    async def put(self, item: object) -> None:
        """Queue an update once it cannot be lost; one that came before is dropped.

        Raises `NetworkError` where it cannot be kept: then Telegram sends it again.
        """
        if not isinstance(item, Update):
            await super().put(item)
        elif self._seen.keep(item.update_id, None):
            try:
                await self._keep(item)
            except BaseException:
                self._seen.pop(item.update_id)
                raise
            await super().put(item)

    async def restore(self, bot: Bot) -> None:
        """Queue what an earlier process was not done with, in the order in which it came."""
        for key, note in (await self._store.kept(BOT, NOTES)).items():
            tries, _, text = note.partition(" ")
            update = Update.de_json(json.loads(text), bot)
            if int(tries) >= TRIES:
                _log.error("update %s is left aside after %s tries", update.update_id, tries)
                await self._store.let_go(BOT, key)
                continue
            await self._store.keep(BOT, key, f"{int(tries) + 1} {text}", _author(update))
            self._seen.keep(update.update_id, None)
            self._note(update)
            self.put_nowait(update)

    async def done(self, update: object) -> None:
        """Note that an update was worked on; it stays while its message is held."""
        said = _said(update) if isinstance(update, Update) else None
        about = self._open.get(said) if said else None
        if not isinstance(update, Update) or said is None or about is None:
            return
        about.coming.discard(_key(update))
        about.waiting.add(_key(update))
        await self._close(said, about)

    def hold(self, heard: Heard) -> None:
        """Keep what somebody says until `release`."""
        if about := self._open.get((heard.spot.chat, heard.message_id)):
            about.held = True

    async def release(self, heard: Heard) -> None:
        """Let go of what somebody said: it is with the conversations now."""
        said = (heard.spot.chat, heard.message_id)
        if about := self._open.get(said):
            about.held = False
            await self._close(said, about)

    async def _keep(self, update: Update) -> None:
        message = update.message or update.edited_message
        if not update.my_chat_member and (message is None or not self.concerns(message)):
            return
        try:
            await self._store.keep(BOT, _key(update), f"1 {update.to_json()}", _author(update))
        except MadangError as error:
            _log.error("an update cannot be kept, Telegram has to send it again: %s", error)
            raise NetworkError(f"an update cannot be kept: {error}") from error
        self._note(update)

    def _note(self, update: Update) -> None:
        if said := _said(update):
            self._open.setdefault(said, _Open()).coming.add(_key(update))

    async def _close(self, said: Said, about: _Open) -> None:
        if about.held:
            return
        waiting, about.waiting = about.waiting, set()
        if not about.coming:
            self._open.pop(said, None)
        try:
            for key in waiting:
                await self._store.let_go(BOT, key)
        except MadangError as error:
            _log.error("an update will be worked on once more: %s", error)


def _key(update: Update) -> str:
    return f"{NOTES}{update.update_id}"


def _said(update: Update) -> Said | None:
    if update.my_chat_member:
        return update.my_chat_member.chat.id, -update.update_id
    message = update.message or update.edited_message
    return (message.chat_id, message.message_id) if message else None


def _author(update: Update) -> str:
    message = update.message or update.edited_message
    author = author_of(message) if message else None
    return author.id if author else ""
