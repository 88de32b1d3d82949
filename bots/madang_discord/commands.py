"""The slash commands and the menus on messages."""

import logging
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import AppCommandContext, AppInstallationType

from madang.contract import Place
from madang.texts import Texts
from madang_discord import generate_commands, settings
from madang_discord.actions import last_answer, retry_last
from madang_discord.asking import Asked, words_for
from madang_discord.belongings import BELONGINGS, Forget
from madang_discord.features import Feature
from madang_discord.interactions import acknowledge, failed, tell
from madang_discord.limits import Limits
from madang_discord.persona_commands import PersonaCommands, about_command
from madang_discord.personas import complete
from madang_discord.publishing import InKorean, publish, word
from madang_discord.questions import Sample, ask
from madang_discord.reading import answer_of, words_of
from madang_discord.rights import may_change, may_forget
from madang_discord.where import current_place, place_of

if TYPE_CHECKING:
    from madang_discord.ears import Ears
    from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

Command = app_commands.Command[Any, ..., Any]
Tree = app_commands.CommandTree[Any]
EVERYWHERE = AppCommandContext(guild=True, dm_channel=True, private_channel=True)
BOTH = AppInstallationType(guild=True, user=True)


class Commands(Feature):
    """Offer the commands, in servers, direct messages, and to those who installed the bot."""

    def __init__(self, talk: "Talk") -> None:
        super().__init__(talk)
        self._published = False
        self._tree: Tree | None = None

    async def attach(self, client: "Ears") -> None:
        """Add them to a new client; what stands on messages goes on working."""
        client.add_dynamic_items(Sample, Forget)
        self._tree = await tree_for(client)

    async def ready(self, client: "Ears") -> None:
        """Publish them once in the life of the process, where they changed."""
        if self._published or self._tree is None:
            return
        self._published = True
        try:
            await publish(client, self._tree)
        except (discord.DiscordException, OSError) as error:
            self._published = False
            _log.warning("the commands are not published: %s", error)


async def tree_for(client: discord.Client) -> Tree:
    """Make the commands for a client, which may have only one tree in its life."""
    tree = Tree(client, allowed_contexts=EVERYWHERE, allowed_installs=BOTH)
    tree.error(_failed)
    await tree.set_translator(InKorean())
    commands: list[Command] = [chat, reset, retry, stop, *BELONGINGS, help_, about_command]
    for command in commands:
        tree.add_command(command)
    tree.add_command(ask_menu)
    tree.add_command(above_menu)
    tree.add_command(PersonaCommands())
    settings.add_to(tree)
    generate_commands.add_to(tree)
    return tree


async def _failed(asked: Asked, error: app_commands.AppCommandError) -> None:
    """Tell what went wrong."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    await failed(asked, cause)


@app_commands.command(name=word("command.chat"), description=word("command.chat_about"))
@app_commands.rename(text=word("command.chat_text"), persona=word("command.persona"))
@app_commands.describe(text=word("command.chat_about"), persona=word("command.name_about"))
@app_commands.autocomplete(persona=complete)
async def chat(asked: Asked, text: app_commands.Range[str, 1, 4000], persona: str = "") -> None:
    """Ask the persona, or another one."""
    await ask(asked, text, persona)


@app_commands.command(name=word("command.reset"), description=word("command.reset_about"))
async def reset(asked: Asked) -> None:
    """Begin the conversation anew, for those who took part in it."""
    await acknowledge(asked)
    texts, place = words_for(asked), await current_place(asked)
    if await may_forget(asked, place):
        await asked.client.talk.conversations.reset(place)
        await tell(asked, texts("done.reset"))
    else:
        await tell(asked, texts("button.not_taken_part"))


@app_commands.command(name=word("command.retry"), description=word("command.retry_about"))
async def retry(asked: Asked) -> None:
    """Make the last answer again, in its messages."""
    await acknowledge(asked)
    talk, place = asked.client.talk, await current_place(asked)
    if await _theirs(asked, place) and not await Limits.of(talk).turns_away(asked, place):
        await retry_last(asked, place)


@app_commands.command(name=word("command.stop"), description=word("command.stop_about"))
async def stop(asked: Asked) -> None:
    """Stop the answer that is being written."""
    await acknowledge(asked)
    conversations, place = asked.client.talk.conversations, await current_place(asked)
    if await _theirs(asked, place):
        stopped = await conversations.stop(place)
        await tell(asked, words_for(asked)("done.stop" if stopped else "done.no_answer"))


async def _theirs(asked: Asked, place: Place) -> bool:
    """Turn away whoever neither asked for the last answer at a place nor moderates it."""
    answer = await last_answer(asked, place)
    if answer is None or await may_change(asked, answer):
        return True
    await tell(asked, words_for(asked)("button.not_yours"))
    return False


@app_commands.command(name=word("command.help"), description=word("command.help_about"))
async def help_(asked: Asked) -> None:
    """List the commands in the language of whoever asks."""
    texts = words_for(asked)
    names = ("chat", "persona", "reset", "retry", "stop", "history", "export", "forget", "about")
    rows = [f"`/{texts(f'command.{name}')}` {texts(f'command.{name}_about')}" for name in names]
    await tell(asked, "\n".join([texts("done.help"), *rows, *_further_rows(texts)]))


def _further_rows(texts: Texts) -> list[str]:
    return [
        f"`/{texts(f'{name}.command')}` {texts(f'{name}.command_about')}"
        for name in ("generating", "settings")
    ]


@app_commands.context_menu(name=word("command.ask_menu"))
async def ask_menu(asked: Asked, message: discord.Message) -> None:
    """Ask the persona about what somebody said."""
    talk = asked.client.talk
    text = answer_of(message) if talk.wrote(message) else words_of(message, talk.me.id)
    if text:
        await ask(asked, text)
    else:
        await tell(asked, words_for(asked)("hint.only_text"))


@app_commands.context_menu(name=word("command.above_menu"))
async def above_menu(asked: Asked, message: discord.Message) -> None:
    """Let what was said above a message be no longer read."""
    await acknowledge(asked)
    messages, texts = asked.client.talk.conversations.messages, words_for(asked)
    found = await messages.find(place_of(asked), str(message.id))
    place = found.conversation.place if found else place_of(asked)
    if await may_forget(asked, place):
        await messages.forget_above(place, str(message.id))
        await tell(asked, texts("done.above"))
    else:
        await tell(asked, texts("button.not_taken_part"))
