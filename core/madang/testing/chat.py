"""A bot for tests: talk through the whole path, from the conversation to the backend and back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from madang.contract import Author, Backend, Place
from madang.conversation import Conversations, Reply, Update
from madang.setup import Setup, prepare
from madang.yard import Yard, open_yard

SOMEBODY = Author("test:somebody", "나")
SOMEWHERE = Place("test/main")


@dataclass(kw_only=True)
class Chat:
    """Say something and wait for the answer; `replies` are all that were delivered, in order."""

    yard: Yard
    place: Place = SOMEWHERE
    author: Author = SOMEBODY
    replies: list[Reply] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def conversations(self) -> Conversations:
        """Return what bots call."""
        return self.yard.conversations

    async def deliver(self, reply: Reply) -> None:
        """Take a reply, as a bot does, and follow it to its end."""
        self.replies.append(reply)
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()
        await reply.final()

    async def reply(self, number: int) -> Reply:
        """Wait for reply `number`, which counts from 1."""
        while len(self.replies) < number:
            await self._arrived.wait()
        return self.replies[number - 1]

    async def ask(self, text: str, *, persona: str = "") -> Update:
        """Say something and return the final state of the answer to it."""
        number = len(self.replies) + 1
        await self.conversations.say(self.place, self.author, text, persona=persona)
        return await (await self.reply(number)).final()

    async def shown(self) -> list[str]:
        """List what the conversation shows, oldest first."""
        return [turn.shown for turn in await self.conversations.history(self.place)]


@contextlib.asynccontextmanager
async def open_chat(
    profile: Path,
    *,
    backend: Backend | None = None,
    store: str = ":memory:",
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[Chat]:
    """Open a yard on a profile and chat in it; `backend` takes the place of every echo backend."""
    setup = prepare(profile, environ or {})
    if backend is not None:
        setup = _with_echo(setup, backend)
    async with open_yard(setup, store=store) as yard:
        chat = Chat(yard=yard)
        await yard.conversations.open("test", chat.deliver)
        yield chat
        await yard.conversations.settled()


def _with_echo(setup: Setup, backend: Backend) -> Setup:
    backends = {**setup.plugins.backends, "echo": lambda name, model, /: backend}
    return replace(setup, plugins=replace(setup.plugins, backends=backends))
