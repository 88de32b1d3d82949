"""What a server asked, as its admins are told."""

import time
from collections.abc import Sequence

from madang.contract import Place, Store
from madang.contract.tally import Tally, day_of
from madang.texts import Texts

DAY = 86400.0
DAYS = 30
MOST_PEOPLE = 5


async def counted(store: Store, place: Place, texts: Texts) -> list[str]:
    """Word what was asked at a place today and lately, and by whom the most."""
    now = time.time()
    since = day_of(now - (DAYS - 1) * DAY)
    today = await store.usage(day=day_of(now), place=place.key)
    lately = await store.usage(since=since, place=place.key)
    people = await store.usage("author", since=since, place=place.key)
    most = sorted(people, key=lambda tally: -tally.requests)[:MOST_PEOPLE]
    return [
        texts("settings.usage"),
        texts("settings.usage_today", **_sums(today)),
        texts("settings.usage_lately", days=DAYS, **_sums(lately)),
        *(
            texts("settings.usage_person", name=tally.author.name, **_sums([tally]))
            for tally in most
            if tally.author.id
        ),
    ]


def _sums(tallies: Sequence[Tally]) -> dict[str, str]:
    return {
        "requests": f"{sum(tally.requests for tally in tallies):,}",
        "tokens": f"{sum(tally.tokens for tally in tallies):,}",
    }
