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
        if said.left is not UNSET and said.left <= due:
            removed = await desk.conversations.end(place)
            _log.info("%s: %d turns deleted, the bot was removed", place.key, removed.turns)
