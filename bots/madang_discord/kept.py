"""Where answers to interactions are written, kept so that the next process finds it."""

import logging
import time
from collections.abc import Sequence

import msgspec

from madang.contract import Store
from madang_discord.asking import Asked
from madang_discord.interactions import itself
from madang_discord.places import BOT, author_of

_log = logging.getLogger(__name__)

PREFIX = "answer/"
TOKEN_SECONDS = 14 * 60.0
"""How long an answer is written by an interaction; Discord forgets it after 15 minutes."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Hold where an answer is written: `key` is the message id that was given to `say`.

    `born` is in seconds since the epoch. With a `token` the bot reaches the message only by the
    interaction, as long as that lives; without one it is a message like any other of the bot.
    """

    key: str
    message: str
    channel: int
    asker: int
    born: float
    application: int = 0
    token: str = ""

    @property
    def seconds(self) -> float:
        """Return for how long it can still be written by the token."""
        return self.born + TOKEN_SECONDS - time.time()


def kept_of(asked: Asked, key: str, message: str) -> Kept:
    """Return what is kept of an interaction: its token only where nothing else reaches it."""
    return Kept(
        key=key,
        message=message,
        channel=asked.channel_id or 0,
        asker=asked.user.id,
        born=asked.created_at.timestamp(),
        application=asked.application_id,
        token="" if itself(asked) else asked.token,
    )


class Keeping:
    """Keep them in the store until they are not needed any more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, kept: Kept) -> None:
        """Keep one, in the place of what is kept under its key."""
        author, text = author_of(kept.asker, "").id, msgspec.json.encode(kept).decode()
        await self._store.keep(BOT.key, f"{PREFIX}{kept.key}", text, author)

    async def let_go(self, key: str) -> None:
        """Keep one no longer."""
        await self._store.let_go(BOT.key, f"{PREFIX}{key}")

    async def find(self, key: str) -> Kept | None:
        """Return what is kept under a key."""
        found = await self._kept(key)
        return next((each for each in found if each.key == key), None)

    async def everything(self) -> Sequence[Kept]:
        """Return all that is kept, the oldest first."""
        return await self._kept()

    async def _kept(self, key: str = "") -> Sequence[Kept]:
        notes = await self._store.kept(BOT.key, f"{PREFIX}{key}")
        return [kept for text in notes.values() if (kept := _read(text))]


def _read(text: str) -> Kept | None:
    try:
        return msgspec.json.decode(text, type=Kept)
    except msgspec.DecodeError as error:
        _log.warning("a note of an answer cannot be read: %s", error)
        return None
