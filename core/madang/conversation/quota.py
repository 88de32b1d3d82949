"""How much people may ask in a day."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from madang.contract import Place, Store
from madang.contract.tally import day_of
from madang.conversation.options import Options
from madang.errors import Quota
from madang.settings import Settings
from madang.texts import Texts

DAY_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Bound what one person, or everybody at one place, asks on one day."""

    what: Literal["requests", "tokens"]
    amount: int
    author: str = ""
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """Compare what was asked today with what the settings allow, and what options add to them."""

    store: Store
    settings: Callable[[], Settings]
    options: Options

    async def check(self, author: str, place: Place) -> None:
        """Raise `Quota` when somebody, or a place, has used up a limit of today.

        Answers count when they have ended, so that people may exceed a limit by what is on its way
        when they ask: to hold something back for it, one would have to know its size beforehand.
        """
        now = time.time()
        for limit in self._limits(author, place):
            used = await self._used(limit, day_of(now))
            if used >= limit.amount:
                raise self._reached(limit, used, self.options.locale(place, author), now)

    async def _used(self, limit: Limit, day: str) -> int:
        (sum_,) = await self.store.usage(day=day, author=limit.author, place=limit.place)
        return sum_.requests if limit.what == "requests" else sum_.tokens

    def _limits(self, author: str, place: Place) -> Iterator[Limit]:
        yield from _limits(self.settings(), author, place)
        requests = self.options.limit(place, "daily_requests")
        tokens = self.options.limit(place, "daily_tokens")
        if requests.amount:
            yield Limit(what="requests", amount=requests.amount, place=requests.place)
        if tokens.amount:
            yield Limit(what="tokens", amount=tokens.amount, place=tokens.place)

    def _reached(self, limit: Limit, used: int, locale: str, now: float) -> Quota:
        """Word it for the person, since only here is it known which limit it was, and how much."""
        texts = Texts.of("madang", locale)
        key = f"quota.{'person' if limit.author else 'place'}_{limit.what}"
        minutes = int((DAY_SECONDS - now % DAY_SECONDS) // 60) + 1
        return Quota(
            texts(key, used=f"{used:,}", amount=f"{limit.amount:,}"),
            texts("quota.again", hours=minutes // 60, minutes=minutes % 60),
        )


def _limits(settings: Settings, author: str, place: Place) -> Iterator[Limit]:
    of_person, of_place = settings.limits, settings.place(place)
    requests, tokens = of_place.daily_requests, of_place.daily_tokens
    limits = (
        Limit(what="requests", amount=of_person.daily_requests, author=author),
        Limit(what="tokens", amount=of_person.daily_tokens, author=author),
        Limit(what="requests", amount=requests.amount, place=requests.place),
        Limit(what="tokens", amount=tokens.amount, place=tokens.place),
    )
    yield from (limit for limit in limits if limit.amount and (limit.author or limit.place))
