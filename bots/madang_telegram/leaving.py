"""What was said in groups from which the bot was removed goes, after a while."""

import asyncio
import logging
import time

from msgspec import UNSET

from madang.contract import Place
from madang.errors import MadangError
from madang_telegram.desk import Desk
from madang_telegram.places import BOT

_log = logging.getLogger(__name__)

PAUSE = 3600.0
DAY = 86_400.0


async def forget_left(desk: Desk) -> None:
    """Delete what is due, now and every hour."""
    while True:
        try:
            await _forget_due(desk)
        except MadangError as error:
            _log.error("what was said in left groups stays for now: %s", error)
        await asyncio.sleep(PAUSE)


async def _forget_due(desk: Desk) -> None:
    options = desk.conversations.options
    await options.refresh()
    due = time.time() - desk.options.left_days * DAY
    for place, said in options.below(Place(BOT)).items():
        if said.left is UNSET or said.left > due:
            continue
        if await _talked_since(desk, place, said.left):
            # Telegram tells only for a day that the bot was taken back.
            await options.unset(place, "left")
        else:
            removed = await desk.conversations.end(place)
            _log.info("%s: %d turns deleted, the bot was removed", place.key, removed.turns)


async def _talked_since(desk: Desk, place: Place, left: float) -> bool:
    """Say whether anybody has talked with the bot at a place after it was removed there."""
    for each in await desk.yard.store.places(BOT):
        if place.key in each.lineage:
            history = await desk.conversations.history(each)
            if history and history[-1].created > left:
                return True
    return False
