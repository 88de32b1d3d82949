"""The desk: all that handlers, commands and buttons act through."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReactionTypeEmoji
from telegram.error import BadRequest

from madang.contract import Place
from madang.conversation import Conversations, problem_of
from madang.delivery import Gone, Lane, Missing, Priority, TooFast
from madang.errors import MadangError
from madang.texts import Texts
from madang.yard import Yard
from madang_telegram.access import Access
from madang_telegram.calls import Moved, called
from madang_telegram.heard import Heard
from madang_telegram.lanes import Lanes, Pace
from madang_telegram.languages import Languages
from madang_telegram.options import TelegramOptions
from madang_telegram.parts import parts
from madang_telegram.places import BOT, Spot
from madang_telegram.styled import Styled, plain

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

PACKAGE = "madang_telegram"
MOVES = "moved/"
TROUBLE = "🤷"
TRIES = 5

_notes = itertools.count()


@dataclass(kw_only=True)
class Desk:
    """Hold the yard, the connection and what is known of chats.

    `stoppable` maps drafts on screens, by chat and draft id, to the turns they show. `drafting` and
    `rich` are whether this Bot API server has drafts and rich messages.
    """

    yard: Yard
    bot: Bot
    options: TelegramOptions
    pace: Pace
    lanes: Lanes
    languages: Languages
    access: Access
    stoppable: dict[tuple[int, int], str] = field(default_factory=dict)
    drafting: bool = True
    rich: bool = True
    _moved: dict[int, int] = field(default_factory=dict)
    _moving: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def conversations(self) -> Conversations:
        """Return what can be done with conversations."""
        return self.yard.conversations

    @property
    def username(self) -> str:
        """Return the name by which people mention the bot, in small letters."""
        return str(self.bot.username).lower()

    def texts(self, place: Place, person: str = "") -> Texts:
        """Return the words for a place, or for a person there."""
        return Texts.of(PACKAGE, self.languages.of(place, person))

    def now_at(self, chat: int) -> int:
        """Return the id of a chat, which is another one where a group became a supergroup."""
        return self._moved.get(chat, chat)

    async def moved(self, chat: int, new: int) -> None:
        """Go on in the supergroup that a group has become, with all that was said and set."""
        async with self._moving:
            if chat in self._moved or chat == new:
                return
            await self.conversations.move(Spot(chat).place, Spot(new).place)
            await self.yard.store.keep(BOT, f"{MOVES}{chat}", str(new))
            self._note_move(chat, new)
        _log.info("%s is %s now", Spot(chat).place.key, Spot(new).place.key)
        if chat in self.options.allow_chats:
            _log.warning("allow_chats: the group %d is %d now, write that instead", chat, new)

    async def recall_moves(self) -> None:
        """Learn which groups have become supergroups, as far as this bot has heard."""
        for key, new in (await self.yard.store.kept(BOT, MOVES)).items():
            self._note_move(int(key.removeprefix(MOVES)), int(new))

    def _note_move(self, chat: int, new: int) -> None:
        self._moved[chat] = new
        self.access.former[new] = chat

    # --- saying something beside the answers ---------------------------------------------------

    async def tell(
        self,
        spot: Spot,
        text: str | Styled,
        *,
        reply_to: int = 0,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> int:
        """Say something of the bot's own; return the last message, 0 where nobody can be told.

        It may come twice where a connection was lost: it is no answer.
        """
        told, message = parts(plain(text) if isinstance(text, str) else text), None
        for each in told:
            under = keyboard if each is told[-1] else None
            send = partial(self._send, spot, each, reply_to=reply_to, keyboard=under)
            message = await self.call(spot, send)
        return message.message_id if message else 0

    async def refuse(self, heard: Heard, error: MadangError) -> None:
        """Say why what somebody asked was refused, in the way that is wanted at the place."""
        self.yard.monitor.refused(BOT, error)
        style = self.conversations.options.place(heard.place).errors
        if style == "reply":
            text = self.texts(heard.place, heard.author.id).problem(problem_of(error))
            await self.tell(heard.spot, text, reply_to=heard.message_id)
        elif style == "reaction":
            await self.react(heard.spot, heard.message_id)

    async def react(self, spot: Spot, message: int, emoji: str = TROUBLE) -> None:
        """React to a message."""

        async def react() -> object:
            return await self.bot.set_message_reaction(
                self.now_at(spot.chat), message, [ReactionTypeEmoji(emoji)]
            )

        await self.call(spot, react)

    async def call(self, spot: Spot, call: Callable[[], Awaitable[Result]]) -> Result | None:
        """Make a call within the budget of its chat; None where it was refused for good.

        So it is once the bot writes nothing any more: what is left to do is done all the same.
        """
        left, result = TRIES, None

        async def work() -> None:
            nonlocal left, result
            left -= 1
            try:
                result = await called(call, self.pace.retry)
            except Moved as moved:
                await self.moved(spot.chat, moved.chat)
                raise TooFast(0) from moved
            except TooFast:
                if left <= 0:
                    raise Gone("too many tries") from None
                raise

        lane: Lane = self.lanes.messages(spot)
        try:
            if not self.lanes.closed:
                await lane.put(next(_notes), work, Priority.FIRST)
        except (Gone, Missing, BadRequest) as error:
            _log.info("%s was not told: %s", spot.place.key, error)
        return result

    async def _send(
        self, spot: Spot, styled: Styled, *, reply_to: int, keyboard: InlineKeyboardMarkup | None
    ) -> Message:
        return await self.bot.send_message(
            self.now_at(spot.chat),
            styled.text,
            entities=styled.entities(),
            message_thread_id=spot.thread,
            reply_to_message_id=None if spot.private else reply_to or None,
            allow_sending_without_reply=True,
            reply_markup=keyboard,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )


async def all_of(tasks: Collection["asyncio.Future[None]"], patience: float) -> None:
    """Wait for tasks, and cancel those that take too long."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=max(patience, 0))
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
