"""Sessions: what one shard of a bot hears, numbered, and kept for a resume."""

from dataclasses import dataclass, field

from madang.testing.discord.gateway.connection import Connection
from madang.testing.discord.refusals import Json


@dataclass(eq=False, kw_only=True)
class Session:
    """Number events and send them to the connection, or keep them until it resumes."""

    id: str
    shard: int
    shards: int
    intents: int
    kept: int
    connection: Connection | None = None
    presence: Json | None = None
    sequence: int = 0
    log: list[tuple[int, Json]] = field(default_factory=list)

    def dispatch(self, name: str, data: Json) -> None:
        """Send an event, and remember it."""
        self.sequence += 1
        payload: Json = {"op": 0, "t": name, "s": self.sequence, "d": data}
        self.log.append((self.sequence, payload))
        del self.log[: -self.kept]
        if self.connection is not None:
            self.connection.send(payload)

    def can_replay(self, after: int) -> bool:
        """Tell whether everything after a number is still kept."""
        return after <= self.sequence and (not self.log or after >= self.log[0][0] - 1)

    def replay(self, after: int, connection: Connection) -> None:
        """Go on with a new connection, missed events first."""
        self.connection = connection
        for number, payload in self.log:
            if number > after:
                connection.send(payload)
        self.dispatch("RESUMED", {"_trace": []})
