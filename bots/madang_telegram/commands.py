"""The commands: one small function each, and one row in the table."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    Message,
)

from madang.errors import MadangError
from madang.texts import LOCALES, Texts
from madang_telegram import about, belongings, documents, greeting, menu, redoing, settings_menu
from madang_telegram.desk import PACKAGE, Desk
from madang_telegram.heard import Heard
from madang_telegram.places import command_in, spot_of
from madang_telegram.room import Room


async def chat(room: Room, heard: Heard) -> None:
    """Ask in a group without a mention."""
    if not heard.text:
        await room.say(heard, "chat.usage")
        return
    room.listening.ask(heard, over=not heard.cut)


async def help_(room: Room, heard: Heard) -> None:
    """List the commands."""
    texts = room.texts(heard)
    rows = [f"/{each.name} {summary(texts, each)}" for each in _listed(heard.spot.private)]
    told = [texts("help.all", commands="\n".join(rows))]
    if room.desk.options.group_history and not heard.spot.private:
        told.append(texts("help.around"))
    await room.tell(heard, "\n\n".join(told))


@dataclass(frozen=True)
class Command:
    """Pair a command's name with what it does; `command.NAME` of the texts says that in words.

    One that is not `private` is of no use there, and is listed in groups only.
    """

    name: str
    run: Callable[[Room, Heard], Awaitable[None]]
    private: bool = True


SCOPES = (
    (BotCommandScopeDefault(), False),
    (BotCommandScopeAllPrivateChats(), True),
    (BotCommandScopeAllGroupChats(), False),
)
COMMANDS: Sequence[Command] = (
    Command("start", greeting.start),
    Command("chat", chat, private=False),
    Command("persona", menu.persona),
    Command("retry", redoing.retry),
    Command("continue", redoing.go_on),
    Command("stop", redoing.stop),
    Command("undo", redoing.undo),
    Command("reset", redoing.reset),
    Command("history", belongings.history),
    Command("export", belongings.export),
    Command("generate", documents.command),
    Command("forget", belongings.forget),
    Command("settings", settings_menu.settings),
    Command("about", about.about),
    Command("help", help_),
)


def meant(desk: Desk, message: Message) -> Command | None:
    """Return the command that a message, or the caption of a file, gives this bot."""
    name, bot = command_in(message)
    ours = bot in ("", desk.username)
    return next((each for each in COMMANDS if ours and each.name == name), None)


async def run(room: Room, message: Message) -> None:
    """Do what a command says; what does not work is told."""
    command = meant(room.desk, message)
    asking = command is not None and command.run is chat
    heard = await room.hearing.hear(message, command=True, names=asking)
    if heard is None or command is None:
        return
    if not asking:
        # What was said before it is asked before it.
        await room.listening.bursts.flush(heard.place, heard.author)
    try:
        await command.run(room, heard)
    except MadangError as error:
        await room.desk.refuse(heard, error)


async def unknown(room: Room, message: Message) -> None:
    """Say that there is no such command, where it can be meant for nobody else."""
    name, bot = command_in(message)
    if room.listening.goes_on(message):
        # The rest of a long text may begin with a path.
        await room.listening.message(message)
    elif spot_of(message).private or bot == room.desk.username:
        heard = await room.hearing.hear(message, command=True)
        if heard is not None:
            await room.say(heard, "help.unknown", command=f"/{name}")


def summary(texts: Texts, command: Command) -> str:
    """Say in a few words what a command does."""
    return texts(f"command.{command.name}")


async def publish(desk: Desk) -> None:
    """Put the commands into the menus of clients: in each language, for private chats and groups.

    Clients of other languages see English.
    """
    for locale, code in (*((each, each) for each in LOCALES), ("en", None)):
        texts = Texts.of(PACKAGE, locale)
        for scope, private in SCOPES:
            rows = [BotCommand(each.name, summary(texts, each)) for each in _listed(private)]
            await desk.bot.set_my_commands(rows, scope=scope, language_code=code)


def _listed(private: bool) -> Sequence[Command]:
    return [each for each in COMMANDS if each.private or not private]
