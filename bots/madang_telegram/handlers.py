"""Everything the bot reacts to, in one list; the first that fits takes an update."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram import Message, MessageEntity, Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from madang_telegram import approving, buttons, commands, documents, membership
from madang_telegram.commands import COMMANDS, Command
from madang_telegram.places import spot_of
from madang_telegram.room import Room

Context = ContextTypes.DEFAULT_TYPE
Handler = BaseHandler[Any, Any, Any]
Handle = Callable[[Update, Context], Coroutine[Any, Any, None]]

STOPPED = "stopped_message_generation"
NEW, EDITED = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
ALLOWED = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    STOPPED,
]
READABLE = filters.TEXT | filters.CAPTION
MEDIA = filters.ATTACHMENT
DOCUMENTS = filters.Document.ALL & filters.ChatType.PRIVATE


def handlers(room: Room) -> list[Handler]:
    """List what the bot reacts to."""
    return [
        StopHandler(_stopped(room)),
        KeptOutHandler(room),
        CallbackQueryHandler(_pressed(room)),
        *(CommandHandler(each.name, _command(room, each), filters=NEW) for each in COMMANDS),
        ChatMemberHandler(_membership(room), ChatMemberHandler.MY_CHAT_MEMBER),
        MessageHandler(NEW & filters.StatusUpdate.MIGRATE, _about(room, membership.migrated)),
        MessageHandler(NEW & filters.COMMAND, _about(room, commands.unknown)),
        CaptionHandler(room),
        MessageHandler(NEW & DOCUMENTS, _about(room, documents.sent)),
        MessageHandler(EDITED & READABLE, _about(room, _edited)),
        MessageHandler(NEW & READABLE, _about(room, _said)),
        MessageHandler(NEW & MEDIA, _about(room, _unreadable)),
    ]


class StopHandler(BaseHandler[Update, Context, None]):
    """Take Telegram's own Stop, which python-telegram-bot does not know yet."""

    def check_update(self, update: object) -> bool:
        """Say whether this is one."""
        return isinstance(update, Update) and STOPPED in update.api_kwargs


class CaptionHandler(BaseHandler[Update, Context, None]):
    """Take commands that stand under a file, where python-telegram-bot looks for none."""

    def __init__(self, room: Room) -> None:
        super().__init__(self._run)
        self._room = room

    def check_update(self, update: object) -> bool:
        """Say whether this is one of ours."""
        return isinstance(update, Update) and self._command(update.message) is not None

    async def _run(self, update: Update, context: Context) -> None:
        command = self._command(update.message)
        if update.message is not None and command is not None:
            await commands.run(self._room, command, update.message)

    def _command(self, message: Message | None) -> Command | None:
        entity = next(iter(message.caption_entities), None) if message else None
        if message is None or entity is None or entity.offset:
            return None
        if entity.type != MessageEntity.BOT_COMMAND:
            return None
        name, _, bot = message.parse_caption_entity(entity)[1:].lower().partition("@")
        ours = bot in ("", str(self._room.desk.bot.username).lower())
        return next((each for each in COMMANDS if ours and each.name == name), None)


class KeptOutHandler(BaseHandler[Update, Context, None]):
    """Take what comes from who may not talk with the bot."""

    def __init__(self, room: Room) -> None:
        super().__init__(self._keep_out)
        self._room = room

    def check_update(self, update: object) -> bool:
        """Say whether this is from such a one; that bot or group come and go is always heard."""
        if not isinstance(update, Update) or update.my_chat_member or not update.effective_chat:
            return False
        if filters.StatusUpdate.MIGRATE.check_update(update):
            return False
        user = update.effective_user.id if update.effective_user else 0
        return not self._room.desk.access.admits(user, update.effective_chat.id)

    async def _keep_out(self, update: Update, context: Context) -> None:
        await approving.kept_out(self._room, update)


def _stopped(room: Room) -> Handle:
    async def handle(update: Update, context: Context) -> None:
        body = update.api_kwargs[STOPPED]
        key = (int(body["chat"]["id"]), int(body["draft_id"]))
        turn = room.desk.stoppable.get(key)
        if turn is not None:
            await room.desk.conversations.controls.stop(turn)

    return handle


def _pressed(room: Room) -> Handle:
    async def handle(update: Update, context: Context) -> None:
        if update.callback_query is not None:
            await buttons.pressed(room, update.callback_query)

    return handle


def _command(room: Room, command: Command) -> Handle:
    async def handle(update: Update, context: Context) -> None:
        if update.message is not None:
            await commands.run(room, command, update.message)

    return handle


def _membership(room: Room) -> Handle:
    async def handle(update: Update, context: Context) -> None:
        if update.my_chat_member is not None:
            await membership.changed(room.desk, update.my_chat_member)

    return handle


def _about(room: Room, work: Callable[[Room, Message], Awaitable[None]]) -> Handle:
    async def handle(update: Update, context: Context) -> None:
        if update.effective_message is not None:
            await work(room, update.effective_message)

    return handle


async def _said(room: Room, message: Message) -> None:
    await room.listening.message(message)


async def _edited(room: Room, message: Message) -> None:
    await room.listening.edited(message)


async def _unreadable(room: Room, message: Message) -> None:
    """Say that only text can be read, where somebody waits for an answer."""
    if room.listening.is_rest_of_album(message):
        return
    heard = await room.hearing.hear(message)
    if heard is not None and (spot_of(message).private or heard.persona):
        await room.say(heard, "unreadable")
