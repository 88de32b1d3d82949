"""The bot while it serves: everything begins in its order, and ends in the reverse."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from functools import partial

from telegram.error import TelegramError

from madang.operating import Check
from madang.yard import Yard
from madang_telegram import commands, documents
from madang_telegram.access import Access
from madang_telegram.application import App, failed
from madang_telegram.desk import Desk, all_of
from madang_telegram.handlers import handlers
from madang_telegram.hearing import Hearing
from madang_telegram.inbox import Inbox
from madang_telegram.jobs import Jobs
from madang_telegram.lanes import Lanes, Pace
from madang_telegram.languages import Languages
from madang_telegram.leaving import forget_left
from madang_telegram.listening import Listening
from madang_telegram.options import TelegramOptions
from madang_telegram.penalties import Penalties
from madang_telegram.places import BOT, Spot
from madang_telegram.receiving import receive, stop_receiving, work_off
from madang_telegram.room import Room
from madang_telegram.showing import Showing

_log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(
    yard: Yard, app: App, inbox: Inbox, options: TelegramOptions, pace: Pace
) -> AsyncIterator[Room]:
    """Serve people until the end of the block; then what is being shown is shown, if it can be."""
    penalties = Penalties(store=yard.store)
    desk = Desk(
        yard=yard,
        bot=app.bot,
        options=options,
        pace=pace,
        lanes=Lanes(pace=pace, note=penalties.note),
        languages=Languages(yard=yard),
        access=Access(options=options, chosen=yard.conversations.options),
    )
    hearing = Hearing(desk=desk)
    listening = Listening(desk=desk, hearing=hearing, inbox=inbox)
    inbox.concerns = listening.concerns
    room = Room(desk=desk, hearing=hearing, listening=listening, jobs=Jobs())
    listening.worked_on = partial(documents.forwarded, room)
    yard.conversations.options.languages[BOT] = desk.languages.of
    showing = Showing(desk=desk)
    app.add_handlers(handlers(room))
    app.add_error_handler(failed)
    await desk.recall_moves()
    for chat, seconds in (await penalties.left()).items():
        desk.lanes.messages(Spot(chat)).budget.pause(asyncio.get_running_loop().time(), seconds)
    await yard.conversations.open(BOT, showing.deliver)
    leaving = asyncio.create_task(forget_left(desk))
    try:
        await room.jobs.resume(desk)
        await inbox.restore(app.bot)
        await app.start()
        await receive(app, options, pace.retry)
        await _introduce(desk)
        yard.monitor.ready(platform=_check(desk))
        yield room
    finally:
        leaving.cancel()
        await _end(app, inbox, room, showing)


async def _end(app: App, inbox: Inbox, room: Room, showing: Showing) -> None:
    """End all within the patience of the bot; what waits for Telegram longer is given up."""
    desk, clock = room.desk, asyncio.get_running_loop().time
    moment, end = desk.pace.patience / 8, clock() + desk.pace.patience
    first = (stop_receiving(app), work_off(app), room.listening.bursts.close())
    ending = [await _given(moment, work) for work in first]
    jobs = asyncio.ensure_future(room.jobs.close(end - clock()))
    rest = (desk.conversations.close(), showing.close(), jobs)
    ending += [await _given(end - clock(), work) for work in rest]
    await asyncio.wait(ending, timeout=max(end - clock(), 0))
    inbox.closed = True
    await desk.lanes.close()
    await all_of(ending, moment)
    await asyncio.gather(*(each for each in ending if not each.cancelled()))


async def _given(seconds: float, work: Awaitable[None]) -> "asyncio.Future[None]":
    """Begin some work, and give it a while before others."""
    begun = asyncio.ensure_future(work)
    await asyncio.wait({begun}, timeout=max(seconds, 0))
    return begun


async def _introduce(desk: Desk) -> None:
    """Publish the commands, and tell the operator what Telegram lets the bot hear."""
    try:
        await commands.publish(desk)
    except TelegramError as error:
        _log.warning("the menu of commands was not published: %s", error)
    _log.info("@%s listens", desk.bot.username)
    if not desk.bot.can_read_all_group_messages:
        _log.info(
            "privacy mode is on: in groups the bot hears commands, mentions and replies only; "
            "for trigger words turn it off at @BotFather (/setprivacy), then add the bot again"
        )


def _check(desk: Desk) -> Check:
    async def check() -> str:
        try:
            await desk.bot.get_me()
        except TelegramError as error:
            return f"Telegram cannot be reached: {error.message}"
        return ""

    return check
