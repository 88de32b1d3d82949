"""The stand-in as a whole: a local server with REST, gateway and CDN, and the world behind it."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from madang.testing.discord.clock import Clock
from madang.testing.discord.faults import Faults
from madang.testing.discord.gateway.hub import Hub
from madang.testing.discord.gateway.serving import SOCKETS, serve_gateway
from madang.testing.discord.limits import Limits
from madang.testing.discord.people.moderator import Moderator
from madang.testing.discord.people.person import Person
from madang.testing.discord.pointing import pointed_at
from madang.testing.discord.refusals import Json
from madang.testing.discord.requests import Requests
from madang.testing.discord.rest import (
    commands,
    guilds,
    interactions,
    messages,
    threads,
    users,
    webhooks,
)
from madang.testing.discord.rest.cdn import serve_files
from madang.testing.discord.rest.gate import BASE, Gate
from madang.testing.discord.rules import Rules
from madang.testing.discord.state.guilds import Guild
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.users import User
from madang.testing.discord.state.world import Portal, World

RESOURCES = (users, guilds, threads, messages, commands, interactions, webhooks)
INVITED = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "create_public_threads",
    "embed_links",
    "attach_files",
    "read_message_history",
    "add_reactions",
)


class DiscordServer:
    """Be the service for one bot; made by `open_discord`."""

    def __init__(self, rules: Rules, portal: Portal, bot_name: str) -> None:
        self.world = World(rules, portal, bot_name)
        self.faults = Faults()
        self.limits = Limits(rules, self.world.clock)
        self.requests = Requests()
        self.gateway = Hub(self.world)
        self.moderator = Moderator(self.world)
        self.url = ""

    @property
    def token(self) -> str:
        """Return the bot's token."""
        return self.world.token

    @property
    def bot(self) -> User:
        """Return the bot as others see it."""
        return self.world.bot

    @property
    def clock(self) -> Clock:
        """Return the clock, which may be advanced."""
        return self.world.clock

    @property
    def commands(self) -> list[Json]:
        """List the registered commands, global and of guilds."""
        return list(self.world.commands.values())

    def guild(
        self, name: str = "마당", *, locale: str = "ko", allowed: tuple[str, ...] = INVITED
    ) -> Guild:
        """Create a guild that invited the bot with these permissions."""
        guild = self.world.add_guild(name, locale)
        self.moderator.invites_bot(guild, *allowed)
        return guild

    def channel(self, guild: Guild, name: str = "잡담") -> Place:
        """Create a text channel."""
        return self.moderator.makes_channel(guild, name)

    def person(
        self, name: str, *guilds: Guild, locale: str = "ko", allowed: tuple[str, ...] = ()
    ) -> Person:
        """Create a person who is a member of these guilds, with a role that allows more."""
        user = self.world.add_user(name, locale=locale)
        for guild in guilds:
            self.moderator.adds_member(guild, user)
            if allowed:
                role = self.moderator.makes_role(guild, f"{name}'s", *allowed)
                self.moderator.gives_role(guild, user, role)
        return Person(self.world, user)

    def stranger_bot(self, name: str, *guilds: Guild) -> Person:
        """Create another bot, which is driven like a person."""
        found = self.person(name, *guilds)
        found.user.bot = True
        return found

    def installs(self, person: Person) -> None:
        """Let a person install the bot for themselves."""
        self.world.installed_by.add(person.user.id)

    def application(self) -> web.Application:
        """Return the server's application."""
        app = web.Application(client_max_size=1 << 30)
        gate = Gate(self.world, self.limits, self.faults, self.requests)
        for resource in RESOURCES:
            for route in resource.ROUTES:
                app.router.add_route(route.method, BASE + route.path, gate.guard(route))
        serve_gateway(app, self.world, self.gateway)
        serve_files(app, self.world)
        return app


@contextlib.asynccontextmanager
async def open_discord(
    rules: Rules | None = None,
    *,
    portal: Portal | None = None,
    bot_name: str = "마당이",
    point: bool = True,
) -> AsyncIterator[DiscordServer]:
    """Run the stand-in on a free local port.

    With `point`, every discord.py client of this process talks to it meanwhile; for one in
    another process, see `pointed_at` and give it the `url`.
    """
    server = DiscordServer(rules or Rules(), portal or Portal(), bot_name)
    app = server.application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.url = server.world.cdn_url = f"http://127.0.0.1:{port}"
    server.world.gateway_url = f"ws://127.0.0.1:{port}/gateway/"
    try:
        with pointed_at(server.url) if point else contextlib.nullcontext():
            yield server
    finally:
        sockets = app[SOCKETS]
        for connection in tuple(sockets):
            await connection.leave()
        await runner.cleanup()
