"""The jobs that are under way, a few at a time, and the button that ends one."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord import ui

from madang.contract import Author, Place
from madang_discord.asking import Pressed, words_for
from madang_discord.features import Feature
from madang_discord.interactions import acknowledge, tell
from madang_discord.places import server_of
from madang_discord.rights import moderates
from madang_discord.where import author_asking

if TYPE_CHECKING:
    from madang_discord.ears import Ears
    from madang_discord.talk import Talk

CLOSE_SECONDS = 5.0


@dataclass(kw_only=True)
class Job:
    """Be under way; setting `cancel` ends it with what is done.

    `over` is set when whoever asked has been told what came of it.
    """

    author: Author
    place: Place
    over: asyncio.Event = field(default_factory=asyncio.Event)
    cancel: asyncio.Event = field(default_factory=asyncio.Event)


class Jobs(Feature):
    """Hold the jobs under their numbers, and say whether there is room for one more."""

    def __init__(self, talk: "Talk") -> None:
        super().__init__(talk)
        self.running: dict[str, Job] = {}

    async def attach(self, client: "Ears") -> None:
        """Listen for the cancel buttons."""
        client.add_dynamic_items(Cancel)

    async def close(self) -> None:
        """End all jobs with what is done, and let those who asked have it."""
        jobs = list(self.running.values())
        for job in jobs:
            job.cancel.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                for job in jobs:
                    await job.over.wait()

    def full(self, author: Author, place: Place) -> str:
        """Return the key of what keeps somebody from beginning one, empty where nothing does."""
        jobs, options = self.running.values(), self.talk.options
        if any(job.author.id == author.id for job in jobs):
            return "busy"
        server = server_of(place)
        here = sum(server_of(job.place) == server for job in jobs)
        limits = ((here, options.server_jobs), (len(jobs), options.jobs))
        return "full" if any(most and count >= most for count, most in limits) else ""

    @contextlib.asynccontextmanager
    async def under_way(self, number: str, job: Job) -> AsyncIterator[None]:
        """Count a job until the end of the block."""
        self.running[number] = job
        try:
            yield
        finally:
            del self.running[number]
            job.over.set()


class Cancel(ui.DynamicItem[ui.Button[Any]], template=r"madang:generating:(?P<number>\w+)"):
    """End a job; the button of one that has ended says so."""

    def __init__(self, number: str, label: str = "Cancel") -> None:
        self.number = number
        super().__init__(ui.Button(label=label, custom_id=f"madang:generating:{number}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Pressed, item: ui.Item[Any], match: re.Match[str], /
    ) -> "Cancel":
        """Read which job it is from its id."""
        return cls(match["number"])

    async def callback(self, interaction: Pressed) -> Any:
        """Cancel it, for whoever asked for it and for moderators."""
        texts = words_for(interaction)
        job = Jobs.of(interaction.client.talk).running.get(self.number)
        if job is None:
            await tell(interaction, texts("generating.ended"))
        elif job.author.id != author_asking(interaction).id and not moderates(interaction):
            await tell(interaction, texts("generating.not_yours"))
        else:
            job.cancel.set()
            await acknowledge(interaction)


@dataclass(frozen=True, kw_only=True)
class Cancelling:
    """Be the button under a job."""

    number: str
    label: str

    def view(self) -> ui.View:
        """Make it anew for one call."""
        view = ui.View(timeout=None)
        view.add_item(Cancel(self.number, self.label))
        return view
