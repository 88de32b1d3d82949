"""The bot while it serves: everything begins in its order, and ends in the reverse."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram.error import TelegramError

from madang.operating import Check
from madang.yard import Yard
from madang_telegram import commands
from madang_telegram.access import Access
from madang_telegram.application import App, failed
from madang_telegram.desk import Desk
from madang_telegram.handlers import handlers
from madang_telegram.hearing import Hearing
from madang_telegram.inbox import Inbox
from madang_telegram.jobs import Jobs
from madang_telegram.lanes import Lanes, Pace
from madang_telegram.languages import Languages
from madang_telegram.leaving import forget_left
from madang_telegram.listening import Listening
from madang_telegram.options import TelegramOptions
from madang_telegram.places import BOT
from madang_telegram.receiving import receive, stop_receiving
from madang_telegram.room import Room
from madang_telegram.showing import Showing

_log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(
    yard: Yard, app: App, inbox: Inbox, options: TelegramOptions, pace: Pace
) -> AsyncIterator[Room]:
    """Serve people until the end of the block; then what is being shown is shown, if it can be."""
    desk = Desk(
        yard=yard,
        bot=app.bot,
        options=options,
        pace=pace,
        lanes=Lanes(pace=pace),
        languages=Languages(yard=yard),
        access=Access(options=options, chosen=yard.conversations.options),
    )
    hearing = Hearing(desk=desk)
    listening = Listening(desk=desk, hearing=hearing, inbox=inbox)
    inbox.concerns = listening.concerns
    room = Room(desk=desk, hearing=hearing, listening=listening, jobs=Jobs())
    showing = Showing(desk=desk)
    app.add_handlers(handlers(room))
    app.add_error_handler(failed)
    await yard.conversations.open(BOT, showing.deliver)
    leaving = asyncio.create_task(forget_left(desk))
    try:
        await room.jobs.resume(desk)
        await inbox.restore(app.bot)
        await app.start()
        await receive(app, options)
        await _introduce(desk)
        yard.monitor.ready(platform=_check(desk))
        yield room
    finally:
        leaving.cancel()
        await stop_receiving(app)
        await room.jobs.close(pace.patience)
        await room.listening.bursts.close()
        await _ended(yard, showing)
        await desk.lanes.close()


async def _ended(yard: Yard, showing: Showing) -> None:
    """End the answers on their way, and give what they have so far a moment to be shown."""
    closing = asyncio.ensure_future(yard.conversations.close())
    await asyncio.wait({closing}, timeout=showing.desk.pace.patience)
    await showing.close()
    await closing


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
