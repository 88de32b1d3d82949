"""How long conversations are kept: as the profile says, and shorter where people set so."""

import time

from madang.contract import Place, Store
from madang.conversation.options import Options

DAY_SECONDS = 86400.0


async def expire(store: Store, options: Options) -> int:
    """Delete the conversations that are older than is kept at their place; return how many."""
    await options.refresh()
    now, days = time.time(), options.settings().store.retention_days
    count = await store.expire(now - days * DAY_SECONDS) if days else 0
    kept = options.kept_days()
    for place, own in kept.items():
        narrower = [each for each in kept if _is_below(each, place)]
        if own:
            count += await store.expire(now - own * DAY_SECONDS, place, narrower)
    return count


def _is_below(place: Place, wider: Place) -> bool:
    return place != wider and wider.key in place.lineage
