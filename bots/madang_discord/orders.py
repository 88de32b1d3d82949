"""The jobs that people asked for, kept so that the next process finds those that were cut off."""

import logging
from collections.abc import Sequence

import msgspec

from madang.contract import Author, Place, Store
from madang_discord.asking import Asked, locale_of
from madang_discord.kept import Kept, kept_of
from madang_discord.places import BOT
from madang_discord.where import author_asking, place_of

_log = logging.getLogger(__name__)

PREFIX = "job/"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Hold all that is needed to do a job, and where it is shown.

    With `again` it was cut off before, and is not begun a third time.
    """

    author: Author
    place: Place
    locale: str
    samples: int
    name: str
    shown: Kept
    data: bytes = b""
    again: bool = False

    @property
    def number(self) -> str:
        """Return what names it among all jobs."""
        return self.shown.key


class Orders:
    """Keep orders in the store until they are done; they go when whoever asked is forgotten."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, order: Order) -> None:
        """Keep an order."""
        text = msgspec.json.encode(order).decode()
        await self._store.keep(BOT.key, f"{PREFIX}{order.number}", text, order.author.id)

    async def let_go(self, number: str) -> None:
        """Keep an order no longer."""
        await self._store.let_go(BOT.key, f"{PREFIX}{number}")

    async def kept(self) -> Sequence[Order]:
        """Return the orders that are kept; one that nobody can read is let go."""
        found = []
        for key, text in (await self._store.kept(BOT.key, PREFIX)).items():
            try:
                found.append(msgspec.json.decode(text, type=Order))
            except msgspec.DecodeError as error:
                _log.warning("a job that was cut off cannot be read: %s", error)
                await self._store.let_go(BOT.key, key)
        return found


def ordered(asked: Asked, message: str, name: str, samples: int) -> Order:
    """Note what is to be done, where it is shown, and how the bot reaches that."""
    return Order(
        author=author_asking(asked),
        place=place_of(asked),
        locale=locale_of(asked),
        samples=samples,
        name=name,
        shown=kept_of(asked, str(asked.id), message),
    )
