"""Questions and answers from a document or a message: one message tells how far it is."""

import asyncio
import contextlib
import io
import logging
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui

from madang.contract import Author, Place
from madang.conversation import problem_of
from madang.errors import MadangError
from madang.generating import (
    Document,
    Generated,
    Headway,
    check_file,
    generate,
    headway_words,
    outcome_words,
)
from madang.texts import Texts
from madang_discord.asking import Asked, words_for
from madang_discord.features import Feature
from madang_discord.places import author_of, channel_place, dm_place, thread_place
from madang_discord.progress import Telling
from madang_discord.publishing import word

if TYPE_CHECKING:
    from madang_discord.ears import Ears
    from madang_discord.talk import Talk

_log = logging.getLogger(__name__)

SAMPLES = 2
CLOSE_SECONDS = 5.0


@dataclass(kw_only=True)
class Order:
    """Hold a job that somebody asked for; setting `cancel` ends it with what is done.

    `over` is set when whoever asked has been told what came of it.
    """

    author: Author
    place: Place
    over: asyncio.Event = field(default_factory=asyncio.Event)
    cancel: asyncio.Event = field(default_factory=asyncio.Event)


class Cancel(ui.DynamicItem[ui.Button[Any]], template=r"madang:generating:(?P<number>\w+)"):
    """End a job; the button of one that has ended says so."""

    def __init__(self, number: str, label: str = "Cancel") -> None:
        self.number = number
        super().__init__(ui.Button(label=label, custom_id=f"madang:generating:{number}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Asked, item: ui.Item[Any], match: re.Match[str], /
    ) -> "Cancel":
        """Read which job it is from its id."""
        return cls(match["number"])

    async def callback(self, interaction: Asked) -> Any:
        """Cancel it, for whoever asked for it and for moderators."""
        texts = words_for(interaction)
        order = _generating(interaction).orders.get(self.number)
        if order is None:
            await interaction.response.send_message(texts("generating.ended"), ephemeral=True)
        elif not _may_cancel(interaction, order):
            await interaction.response.send_message(texts("generating.not_yours"), ephemeral=True)
        else:
            order.cancel.set()
            await interaction.response.defer()


class Generating(Feature):
    """Make questions as `/generate` and the menu ask for them; one job at a time for a person."""

    def __init__(self, talk: "Talk") -> None:
        super().__init__(talk)
        self.orders: dict[str, Order] = {}

    async def attach(self, client: "Ears") -> None:
        """Listen for the cancel buttons."""
        client.add_dynamic_items(Cancel)

    async def close(self) -> None:
        """End all jobs with what is done, and let those who asked have it."""
        orders = list(self.orders.values())
        for order in orders:
            order.cancel.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                for order in orders:
                    await order.over.wait()

    async def from_file(self, asked: Asked, file: discord.Attachment, samples: int) -> None:
        """Make questions from a file, whose name and size are looked at before it is fetched."""
        texts = words_for(asked)
        try:
            check_file(file.filename, file.size)
        except MadangError as error:
            await asked.response.send_message(texts.problem(problem_of(error)), ephemeral=True)
            return
        await asked.response.defer(thinking=True)
        try:
            document = Document(file.filename, await file.read())
        except discord.HTTPException as error:
            _log.info("an attachment cannot be fetched: %s", error)
            await asked.edit_original_response(content=texts("generating.unreachable"))
            return
        await self._work(asked, document, samples, texts)

    async def from_message(self, asked: Asked, message: discord.Message) -> None:
        """Make questions from a file of a message, or from its words."""
        if message.attachments:
            await self.from_file(asked, message.attachments[0], SAMPLES)
            return
        texts = words_for(asked)
        if not message.content.strip():
            await asked.response.send_message(texts("generating.nothing"), ephemeral=True)
            return
        await asked.response.defer(thinking=True)
        document = Document(f"{message.id}.txt", message.content.encode())
        await self._work(asked, document, SAMPLES, texts)

    async def _work(self, asked: Asked, document: Document, samples: int, texts: Texts) -> None:
        author, place = author_of(asked.user.id, asked.user.display_name), _place(asked)
        if any(order.author.id == author.id for order in self.orders.values()):
            await asked.edit_original_response(content=texts("generating.busy"))
            return
        number, order = uuid.uuid4().hex, Order(author=author, place=place)
        self.orders[number] = order
        view = ui.View(timeout=None)
        view.add_item(Cancel(number, texts("generating.cancel")))
        telling = Telling(asked, view)
        try:
            async with telling.going(texts("generating.begun")):
                made = await self._made(document, order, samples, telling, texts)
        except MadangError as error:
            self.talk.yard.monitor.refused(place.bot, error)
            await telling.end(texts.problem(problem_of(error)))
        except Exception:  # noqa: BLE001 - whoever waits is told, whatever went wrong
            _log.exception("making questions at %s failed", place.key)
            await telling.end(texts("problem.internal"))
        else:
            await _hand_over(telling, made, texts)
        finally:
            del self.orders[number]
            order.over.set()

    async def _made(
        self, document: Document, order: Order, samples: int, telling: Telling, texts: Texts
    ) -> Generated:
        def progress(headway: Headway) -> None:
            telling.say(headway_words(texts, headway))

        return await generate(
            self.talk.yard,
            document,
            author=order.author,
            place=order.place,
            samples=samples,
            progress=progress,
            cancel=order.cancel,
        )


async def _hand_over(telling: Telling, made: Generated, texts: Texts) -> None:
    words = outcome_words(texts, made)
    if not made.pairs:
        await telling.end(words)
        return
    try:
        await telling.end(words, discord.File(io.BytesIO(made.jsonl), made.name))
    except discord.HTTPException as error:
        if error.status != 413 and error.code != 40005:
            raise
        await telling.end(f"{words}\n{texts('generating.too_large')}")


def _generating(interaction: Asked) -> Generating:
    features = interaction.client.talk.features
    return next(each for each in features if isinstance(each, Generating))


def _may_cancel(interaction: Asked, order: Order) -> bool:
    own = author_of(interaction.user.id, "").id == order.author.id
    moderates = interaction.guild_id is not None and interaction.permissions.manage_messages
    return own or moderates


def _place(interaction: Asked) -> Place:
    guild, channel = interaction.guild_id, interaction.channel
    here = interaction.channel_id or 0
    if guild is None:
        return dm_place(here)
    if isinstance(channel, discord.Thread):
        return thread_place(guild, channel.parent_id, here)
    return channel_place(guild, here)


@app_commands.command(name=word("generating.command"), description=word("generating.command_about"))
@app_commands.rename(file=word("generating.file"), samples=word("generating.samples"))
@app_commands.describe(file=word("generating.file_about"), samples=word("generating.samples_about"))
async def generate_command(
    interaction: Asked,
    file: discord.Attachment,
    samples: app_commands.Range[int, 1, 5] = SAMPLES,
) -> None:
    """Make questions from a file."""
    await _generating(interaction).from_file(interaction, file, samples)


@app_commands.context_menu(name=word("generating.menu"))
async def generate_menu(interaction: Asked, message: discord.Message) -> None:
    """Make questions from a message."""
    await _generating(interaction).from_message(interaction, message)


def add_to(tree: "app_commands.CommandTree[Any]") -> None:
    """Add the command and the menu."""
    tree.add_command(generate_command)
    tree.add_command(generate_menu)
