"""The stand-in itself: an HTTP server that a bot takes for api.telegram.org."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import web

from madang.testing.telegram.attachments import Attachment
from madang.testing.telegram.calls import Call
from madang.testing.telegram.changes import PATIENCE
from madang.testing.telegram.chats import Chat, Kind
from madang.testing.telegram.clock import Clock, RunningClock
from madang.testing.telegram.delivery import Delivery
from madang.testing.telegram.desk import Desk, Dropped
from madang.testing.telegram.faults import Faults
from madang.testing.telegram.limits import Budget, Limits
from madang.testing.telegram.params import Params
from madang.testing.telegram.people import Person
from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Refusal
from madang.testing.telegram.world import World

TOKEN = "7000000001:AAHstand-in-token-that-opens-nothing"
BIGGEST = 60_000_000
PUBLISHED = Limits()
_TOKEN_FORM = re.compile(r"\d+:[\w-]{20,}")


class TelegramServer:
    """Serve one bot and its people; use `telegram_server` to run one."""

    def __init__(
        self, *, clock: Clock, limits: Limits | None, privacy: bool, topics: bool, username: str
    ) -> None:
        bot = User(int(TOKEN.partition(":")[0]), "마당", username, is_bot=True)
        self.world = World(bot, clock, privacy=privacy, topics=topics)
        self.token = TOKEN
        self.clock = clock
        self.faults = Faults()
        self.budget = Budget(limits)
        self.calls: list[Call] = []
        self.proxies: dict[str, str] = {}
        self.port = 0
        self._people = itertools.count(41_000_001)
        self._desk = Desk(self.world, self.faults, self.budget, self.calls)

    @property
    def problems(self) -> list[str]:
        """Return what the stand-in sent that does not fit python-telegram-bot's types."""
        return self.world.problems

    @property
    def base_url(self) -> str:
        """Return what a bot takes as `base_url`."""
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def base_file_url(self) -> str:
        """Return what a bot takes as `base_file_url`."""
        return f"http://127.0.0.1:{self.port}/file/bot"

    def person(self, name: str, username: str = "", language: str = "ko") -> Person:
        """Make a person."""
        return Person(User(next(self._people), name, username, language), self.world)

    def private(self, person: Person) -> Chat:
        """Return the private chat of a person with the bot, which the person's word opens."""
        user = person.user
        if user.id not in self.world.chats:
            statuses = {user.id: "member"}
            self.world.open_chat("private", user.first_name, person=user, statuses=statuses)
        return self.world.chats[user.id]

    def group(
        self, title: str, owner: Person, *people: Person, kind: Kind = "group", bot: bool = True
    ) -> Chat:
        """Make a group, a supergroup or a channel, with the bot in it unless told otherwise."""
        statuses = {person.user.id: "member" for person in people} | {owner.user.id: "creator"}
        members = {person.user.id: person.user for person in (owner, *people)}
        chat = self.world.open_chat(kind, title, statuses=statuses, people=members)
        if bot:
            owner.adds_bot(chat)
        return chat

    def forum(self, title: str, owner: Person, *people: Person) -> Chat:
        """Make a supergroup with topics, with the bot in it."""
        chat = self.group(title, owner, *people, kind="supergroup", bot=False)
        chat.forum = True
        owner.adds_bot(chat)
        return chat

    async def until(self, done: Callable[[], bool], within: float = PATIENCE) -> None:
        """Wait for anything; AssertionError with all transcripts and calls if it never comes."""
        await self.world.changes.until(done, self.story, within)

    def story(self) -> str:
        """Print all transcripts and the last calls."""
        chats = self.world.chats.values()
        screens = [f"— {chat.title}\n{chat.transcript.render()}" for chat in chats]
        return "\n".join([*screens, "— calls", *(call.line() for call in self.calls[-40:])])

    def app(self) -> web.Application:
        """Make the HTTP application."""
        app = web.Application(client_max_size=BIGGEST)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        return app

    async def _call(self, request: web.Request) -> web.StreamResponse:
        try:
            self._authorise(request.match_info["token"])
            params = await read_params(request)
            status, body = await self._desk.answer(request.match_info["method"], params)
        except Refusal as refusal:
            status, body = refusal.code, refusal.payload()
        except Dropped:
            if request.transport:
                request.transport.abort()
            raise web.HTTPBadGateway from None
        return web.json_response(body, status=status)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        try:
            self._authorise(request.match_info["token"])
            identity = request.match_info["path"].rpartition("/")[2]
            stored = self.world.shelf.to_download(identity)
        except Refusal as refusal:
            return web.json_response(refusal.payload(), status=404)
        attachment = stored.attachment
        missing = attachment.size - len(attachment.data)
        return web.Response(body=attachment.data + bytes(missing))

    def _authorise(self, token: str) -> None:
        if not _TOKEN_FORM.fullmatch(token):
            raise Refusal(404, "Not Found")
        if token != self.token:
            raise Refusal(401, "Unauthorized")


async def read_params(request: web.Request) -> Params:
    """Read the parameters of a call from its query and its body."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        return Params({**values, **await _json(request)})
    files: dict[str, Attachment] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            with value.file:
                files[name] = Attachment(value.filename, value.file.read(), value.content_type)
        else:
            values[name] = value if isinstance(value, str) else bytes(value).decode()
    return Params(values, files)


async def _json(request: web.Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "Bad Request: can't parse JSON object")
    return body


@asynccontextmanager
async def telegram_server(
    *,
    clock: Clock | None = None,
    limits: Limits | None = PUBLISHED,
    privacy: bool = True,
    topics: bool = False,
    username: str = "madang_bot",
    port: int = 0,
) -> AsyncIterator[TelegramServer]:
    """Run a stand-in on loopback until the end of the block; None as limits counts nothing.

    With `topics`, private chats can have topics.
    """
    server = TelegramServer(
        clock=clock or RunningClock(),
        limits=limits,
        privacy=privacy,
        topics=topics,
        username=username,
    )
    runner = web.AppRunner(server.app(), shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    server.port = runner.addresses[0][1]
    delivery = asyncio.create_task(Delivery(server.world, server.proxies).run())
    try:
        yield server
    finally:
        delivery.cancel()
        with suppress(asyncio.CancelledError):
            await delivery
        await runner.cleanup()
