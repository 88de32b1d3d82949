"""Everything the bot reacts to, in one list; the first that fits takes an update."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from telegram import Message, Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from madang_telegram import approving, buttons, commands, documents, membership
from madang_telegram.places import spot_of
from madang_telegram.room import Room

Context = ContextTypes.DEFAULT_TYPE
Handler = BaseHandler[Any, Any, Any]
Part = TypeVar("Part")
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
    listening = room.listening

    def on(
        part: Callable[[Update], Part | None], work: Callable[[Room, Part], Awaitable[None]]
    ) -> Handle:
        async def handle(update: Update, context: Context) -> None:
            if (what := part(update)) is not None:
                await work(room, what)

        return handle

    def about(
        kind: filters.BaseFilter, work: Callable[[Room, Message], Awaitable[None]]
    ) -> Handler:
        return MessageHandler(kind, on(lambda update: update.effective_message, work))

    return [
        StopHandler(on(lambda update: update.api_kwargs.get(STOPPED), _stopped)),
        KeptOutHandler(room),
        CallbackQueryHandler(on(lambda update: update.callback_query, buttons.pressed)),
        CommandHandler(room),
        ChatMemberHandler(
            on(lambda update: update.my_chat_member, membership.changed),
            ChatMemberHandler.MY_CHAT_MEMBER,
        ),
        about(NEW & filters.StatusUpdate.MIGRATE, membership.migrated),
        about(NEW & filters.COMMAND, commands.unknown),
        about(NEW & DOCUMENTS, documents.sent),
        about(EDITED & READABLE, lambda room, message: listening.edited(message)),
        about(NEW & READABLE, lambda room, message: listening.message(message)),
        about(NEW & MEDIA, _unreadable),
    ]


class StopHandler(BaseHandler[Update, Context, None]):
    """Take Telegram's own Stop, which python-telegram-bot does not know yet."""

    def check_update(self, update: object) -> bool:
        """Say whether this is one."""
        return isinstance(update, Update) and STOPPED in update.api_kwargs


class CommandHandler(BaseHandler[Update, Context, None]):
    """Take the bot's commands, also those that stand under a file."""

    def __init__(self, room: Room) -> None:
        super().__init__(self._run)
        self._room = room

    def check_update(self, update: object) -> bool:
        """Say whether this is one of ours."""
        message = update.message if isinstance(update, Update) else None
        return message is not None and commands.meant(self._room.desk, message) is not None

    async def _run(self, update: Update, context: Context) -> None:
        if update.message is not None:
            await commands.run(self._room, update.message)


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


async def _stopped(room: Room, body: Mapping[str, Any]) -> None:
    turn = room.desk.stoppable.get((int(body["chat"]["id"]), int(body["draft_id"])))
    if turn is not None:
        await room.desk.conversations.controls.stop(turn)


async def _unreadable(room: Room, message: Message) -> None:
    """Say that only text can be read, where somebody waits for an answer."""
    if room.listening.is_rest_of_album(message):
        return
    heard = await room.hearing.hear(message)
    if heard is not None and (spot_of(message).private or heard.persona):
        await room.say(heard, "unreadable")
