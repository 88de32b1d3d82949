"""The hub: hands events to the sessions that hear them, and breaks connections on demand."""

from madang.testing.discord import permissions
from madang.testing.discord.bell import Bell
from madang.testing.discord.gateway.connection import Connection
from madang.testing.discord.gateway.intents import hears, reads
from madang.testing.discord.gateway.session import Session
from madang.testing.discord.state.world import Event, World

GONE = ("CHANNEL_DELETE", "THREAD_DELETE", "GUILD_DELETE", "INTERACTION_CREATE", "THREAD_UPDATE")


class Hub:
    """Know all sessions; `identified` and `resumed` count how they began and went on.

    While `reachable` is false, new connections are refused with 503 and `turned_away` counts them.
    """

    def __init__(self, world: World) -> None:
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0
        self.beats = 0
        self.acknowledging = True
        self.reachable = True
        self.turned_away = 0
        self.bell = Bell()
        self._world = world
        world.listeners.append(self._hand)

    async def online(self, shards: int = 1, *, limit: float = 5.0) -> None:
        """Wait until so many shards are connected."""
        await self.bell.until(
            lambda: len(self._connected()) >= shards,
            limit=limit,
            tell=lambda: f"{len(self._connected())} of {shards} shards are connected",
        )

    async def offline(self, *, limit: float = 5.0) -> None:
        """Wait until no shard is connected."""
        await self.bell.until(
            lambda: not self._connected(),
            limit=limit,
            tell=lambda: f"{len(self._connected())} shards are still connected",
        )

    async def began(self, *, identified: int = 0, resumed: int = 0, limit: float = 5.0) -> None:
        """Wait until sessions were begun and resumed so often, counted from the start."""
        await self.bell.until(
            lambda: self.identified >= identified and self.resumed >= resumed,
            limit=limit,
            tell=lambda: f"identified {self.identified} times, resumed {self.resumed} times",
        )

    def drop(self, *, resumable: bool = True, code: int = 4000, cut: bool = False) -> None:
        """End every connection, by a closing code or by cutting it; sessions end or may resume."""
        for session, connection in self._connected():
            session.connection = None
            if cut:
                connection.cut()
            else:
                connection.close(code)
        if not resumable:
            self.sessions.clear()

    def ask_to_reconnect(self) -> None:
        """Send RECONNECT, as the service does before it moves a shard."""
        for _, connection in self._connected():
            connection.send({"op": 7, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION."""
        for _, connection in self._connected():
            connection.send({"op": 9, "d": resumable})
        if not resumable:
            self.sessions.clear()

    def garble(self, text: str = '{"op": 0, "t": "MESSAGE_CREATE", "d": {') -> None:
        """Send a payload that is no JSON, or is no event that anybody understands."""
        for _, connection in self._connected():
            connection.send_raw(text)

    def stop_acknowledging(self) -> None:
        """Leave heartbeats without an answer from now on."""
        self.acknowledging = False

    def _connected(self) -> list[tuple[Session, Connection]]:
        return [(s, s.connection) for s in self.sessions.values() if s.connection is not None]

    def _hand(self, event: Event) -> None:
        if not self._in_sight(event):
            return
        for session in self.sessions.values():
            home = (event.guild.id >> 22) % session.shards if event.guild else 0
            if session.shard == home and hears(session.intents, event):
                session.dispatch(event.name, event.make(reads(session.intents)))

    def _in_sight(self, event: Event) -> bool:
        """Tell whether the bot is there and sees the place."""
        bot = self._world.bot
        if event.name == "INTERACTION_CREATE":
            return True
        if event.guild is not None and bot.id not in event.guild.members:
            return False
        if event.place is None or event.name in GONE:
            return True
        return permissions.may(bot, event.place, "view_channel")
