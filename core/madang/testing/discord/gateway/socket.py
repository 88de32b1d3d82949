"""The gateway's side of a socket: hello, identify or resume, heartbeats, member requests."""

import json
import secrets
from collections import deque

from madang.testing.discord.gateway.connection import Connection
from madang.testing.discord.gateway.hub import Hub
from madang.testing.discord.gateway.intents import GUILDS, KNOWN, MEMBERS, disallowed
from madang.testing.discord.gateway.session import Session
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.guilds import Guild
from madang.testing.discord.state.world import World

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, REQUEST_MEMBERS = 1, 2, 3, 4, 6, 8
INVALID, HELLO, ACK = 9, 10, 11


class Socket:
    """Serve one connection; closes with the documented code on a client's mistake."""

    def __init__(self, world: World, hub: Hub, connection: Connection) -> None:
        self._world = world
        self._hub = hub
        self._connection = connection
        self._session: Session | None = None
        self._times: deque[float] = deque()

    def hello(self) -> None:
        """Say how often a heartbeat is expected."""
        interval = int(self._world.rules.heartbeat_every * 1000)
        self._connection.send(
            {"op": HELLO, "s": None, "t": None, "d": {"heartbeat_interval": interval}}
        )

    def take(self, text: str) -> int | None:
        """Act on what the client sent; a number is the code to close with."""
        try:
            payload = json.loads(text)
        except ValueError:
            return 4002
        if self._too_fast():
            return 4008
        op, data = payload.get("op"), payload.get("d")
        if op == HEARTBEAT:
            return self._beat()
        if op == IDENTIFY:
            return self._identify(data)
        if op == RESUME:
            return self._resume(data)
        if self._session is None:
            return 4003
        if op == PRESENCE:
            self._session.presence = data
            self._hub.bell.ring()
        elif op == REQUEST_MEMBERS:
            self._members(self._session, data)
        elif op != VOICE:
            return 4001
        return None

    def gone(self) -> None:
        """Leave the session without a connection, so that it may resume."""
        if self._session is not None and self._session.connection is self._connection:
            self._session.connection = None
            self._hub.bell.ring()

    def _too_fast(self) -> bool:
        now, rate = self._world.clock.now(), self._world.rules.gateway_rate
        self._times.append(now)
        while self._times[0] <= now - rate.seconds:
            self._times.popleft()
        return len(self._times) > rate.count

    def _beat(self) -> int | None:
        self._hub.beats += 1
        self._hub.bell.ring()
        if self._hub.acknowledging:
            self._connection.send({"op": ACK, "s": None, "t": None, "d": None})
        return None

    def _identify(self, data: Json) -> int | None:
        world = self._world
        if self._session is not None:
            return 4005
        if data.get("token") != world.token:
            return 4004
        shard, shards = data.get("shard") or (0, 1)
        if not 0 <= shard < shards:
            return 4010
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN:
            return 4013
        if disallowed(intents, world.portal):
            return 4014
        self._begin(shard, shards, intents, data.get("presence"))
        return None

    def _begin(self, shard: int, shards: int, intents: int, presence: Json | None) -> None:
        session = Session(
            id=secrets.token_hex(16),
            shard=shard,
            shards=shards,
            intents=intents,
            kept=self._world.rules.replay_kept,
            connection=self._connection,
            presence=presence,
        )
        self._session = self._hub.sessions[session.id] = session
        self._world.sessions_opened += 1
        guilds = [guild for guild in self._guilds() if (guild.id >> 22) % shards == shard]
        session.dispatch("READY", self._ready(session, guilds))
        if intents & GUILDS:
            for guild in guilds:
                session.dispatch(
                    "GUILD_CREATE", self._guild(guild, everybody=bool(intents & MEMBERS))
                )
        self._hub.identified += 1
        self._hub.bell.ring()

    def _guilds(self) -> list[Guild]:
        world = self._world
        return [guild for guild in world.guilds.values() if world.bot.id in guild.members]

    def _ready(self, session: Session, guilds: list[Guild]) -> Json:
        world = self._world
        return {
            "v": 10,
            "user": {**world.bot.payload(), "verified": True, "mfa_enabled": False, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": world.gateway_url,
            "shard": [session.shard, session.shards],
            "application": {"id": str(world.bot.id), "flags": world.portal.flags()},
        }

    def _guild(self, guild: Guild, *, everybody: bool) -> Json:
        bot, seen = self._world.bot, self._world.seen_by_bot(guild)
        return {**guild.create_payload(bot, seen, everybody=everybody), "unavailable": False}

    def _resume(self, data: Json) -> int | None:
        if data.get("token") != self._world.token:
            return 4004
        session = self._hub.sessions.get(data.get("session_id") or "")
        after = data.get("seq") or 0
        if session is None or not session.can_replay(after):
            self._connection.send({"op": INVALID, "s": None, "t": None, "d": False})
            return None
        self._session = session
        session.replay(after, self._connection)
        self._hub.resumed += 1
        self._hub.bell.ring()
        return None

    def _members(self, session: Session, data: Json) -> None:
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is None:
            return
        wanted = {int(key) for key in data.get("user_ids") or []}
        query, most = data.get("query"), data.get("limit") or len(guild.members)
        found = [
            member
            for key, member in guild.members.items()
            if key in wanted or (query is not None and member.shown_name.startswith(query))
        ]
        body = {
            "guild_id": str(guild.id),
            "members": [member.payload() for member in found[:most]],
            "chunk_index": 0,
            "chunk_count": 1,
            "nonce": data.get("nonce"),
        }
        session.dispatch("GUILD_MEMBERS_CHUNK", body)
