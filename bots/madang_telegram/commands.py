"""The commands: one small function each, and one row in the table."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from telegram import BotCommand, Message

from madang.errors import MadangError
from madang.texts import LOCALES, Texts
from madang_telegram.desk import PACKAGE, Desk
from madang_telegram.heard import Heard
from madang_telegram.hearing import Hearing
from madang_telegram.listening import Listening


@dataclass(frozen=True, kw_only=True)
class Room:
    """Hold what commands act on: the desk, and who takes questions."""

    desk: Desk
    hearing: Hearing
    listening: Listening

    async def say(self, heard: Heard, key: str, **values: object) -> None:
        """Answer a command in words of the bot's own."""
        texts = self.desk.texts(heard.place, heard.author.id)
        await self.desk.tell(heard.spot, texts(key, **values), reply_to=heard.message_id)


async def start(room: Room, heard: Heard) -> None:
    """Greet in the name of who answers here."""
    desk = room.desk
    bound = await desk.conversations.current(heard.place)
    text = bound.persona.text(desk.languages.of(heard.place, heard.author.id))
    samples = "\n".join(f"• {sample}" for sample in text.samples)
    await room.say(
        heard, "start.greeting", title=text.title, greeting=text.greeting, samples=samples
    )


async def chat(room: Room, heard: Heard) -> None:
    """Ask in a group without a mention."""
    if not heard.text:
        await room.say(heard, "chat.usage")
        return
    room.listening.ask(heard, over=not heard.cut)


async def stop(room: Room, heard: Heard) -> None:
    """Stop the answer on its way."""
    if not await room.desk.conversations.stop(heard.place):
        await room.say(heard, "stop.nothing")


async def reset(room: Room, heard: Heard) -> None:
    """Begin the conversation anew."""
    await room.desk.conversations.reset(heard.place)
    await room.say(heard, "reset.done")


async def help_(room: Room, heard: Heard) -> None:
    """List the commands."""
    texts = room.desk.texts(heard.place, heard.author.id)
    rows = [f"/{each.name} {summary(texts, each)}" for each in COMMANDS]
    await room.say(heard, "help.all", commands="\n".join(rows))


@dataclass(frozen=True)
class Command:
    """Pair a command's name with what it does; `command.NAME` of the texts says that in words."""

    name: str
    run: Callable[[Room, Heard], Awaitable[None]]


COMMANDS: Sequence[Command] = (
    Command("start", start),
    Command("chat", chat),
    Command("stop", stop),
    Command("reset", reset),
    Command("help", help_),
)


async def run(room: Room, command: Command, message: Message) -> None:
    """Do what a command says; what does not work is told."""
    heard = await room.hearing.hear(message, command=True)
    if heard is None:
        return
    try:
        await command.run(room, heard)
    except MadangError as error:
        await room.desk.refuse(heard, error)


async def unknown(room: Room, message: Message) -> None:
    """Say that there is no such command, where it can be meant for nobody else."""
    heard = await room.hearing.hear(message, command=True)
    name = (message.text or message.caption or "").split()[0]
    ours = name.lower().endswith(f"@{room.desk.bot.username}".lower())
    if heard is not None and (heard.spot.private or ours):
        await room.say(heard, "help.unknown", command=name)


def summary(texts: Texts, command: Command) -> str:
    """Say in a few words what a command does."""
    return texts(f"command.{command.name}")


async def publish(desk: Desk) -> None:
    """Put the commands into the menus of clients, in each language."""
    for locale in LOCALES:
        texts = Texts.of(PACKAGE, locale)
        rows = [BotCommand(each.name, summary(texts, each)) for each in COMMANDS]
        await desk.bot.set_my_commands(rows, language_code=locale)
    english = Texts.of(PACKAGE, "en")
    await desk.bot.set_my_commands(
        [BotCommand(each.name, summary(english, each)) for each in COMMANDS]
    )
