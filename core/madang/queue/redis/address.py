"""Where the server is: a URL as redis-py takes it, or one that names sentinels."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from madang.errors import SettingsError

PLAIN = ("redis", "rediss", "valkey", "valkeys", "unix")
SENTINEL = ("redis+sentinel", "rediss+sentinel", "valkey+sentinel", "valkeys+sentinel")
SENTINEL_PORT = 26379
CONNECT_SECONDS = 3.0
EXAMPLES = (
    "Write redis://HOST:6379/0, rediss:// for TLS, unix:///PATH, with USER:PASSWORD@ before the "
    "host, or redis+sentinel://HOST:26379,HOST:26379/SERVICE."
)


@dataclass(frozen=True)
class Address:
    """Hold a checked URL; clients made of it never try again by themselves.

    Trying again is for who knows whether there is still time, and nothing may be written twice.
    """

    url: str

    def __post_init__(self) -> None:
        """Refuse a URL that no client can be made of."""
        parts = self._parts
        if parts.scheme not in (*PLAIN, *SENTINEL):
            raise _wrong("it does not begin with redis://", self.shown)
        if parts.scheme in SENTINEL and not self._service:
            raise _wrong("it names no service after the sentinels", self.shown)
        if parts.scheme != "unix" and not parts.netloc.rpartition("@")[2]:
            raise _wrong("it names no host", self.shown)
        try:
            self.client(connections=1)
        except ValueError as error:
            raise _wrong(str(error), self.shown) from error

    @property
    def shown(self) -> str:
        """Return the URL without user, password and options."""
        parts = self._parts
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def client(self, *, connections: int) -> Redis:
        """Make a client whose connections wait for an answer as long as who asks does."""
        options: dict[str, Any] = {
            "socket_timeout": None,
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_keepalive": True,
            "protocol": 2,
            "retry": Retry(NoBackoff(), 0),
        }
        if self._parts.scheme in SENTINEL:
            return self._behind_sentinels(options, connections)
        pool = ConnectionPool.from_url(self._known_scheme, max_connections=connections, **options)
        return Redis.from_pool(pool)

    def _behind_sentinels(self, options: dict[str, Any], connections: int) -> Redis:
        parts = self._parts
        user, password = (
            unquote(each) if each else None for each in (parts.username, parts.password)
        )
        hosts = parts.netloc.rpartition("@")[2].split(",")
        # Neither the class nor the options of its connections are typed.
        sentinel: Any = Sentinel
        found = sentinel(
            [_host(each) for each in hosts],
            sentinel_kwargs={"socket_timeout": 1.0, "socket_connect_timeout": 1.0},
        )
        client: Redis = found.master_for(
            self._service,
            username=user,
            password=password,
            db=int(self._path[1]) if len(self._path) > 1 else 0,
            ssl=parts.scheme.startswith(("rediss", "valkeys")),
            max_connections=connections,
            **dict(parse_qsl(parts.query)),
            **options,
        )
        return client

    @property
    def _parts(self) -> SplitResult:
        try:
            return urlsplit(self.url)
        except ValueError as error:
            raise _wrong(str(error), "the URL") from error

    @property
    def _path(self) -> list[str]:
        return self._parts.path.strip("/").split("/")

    @property
    def _service(self) -> str:
        return self._path[0]

    @property
    def _known_scheme(self) -> str:
        scheme, _, rest = self.url.partition(":")
        return f"{scheme.replace('valkeys', 'rediss').replace('valkey', 'redis')}:{rest}"


def _host(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return (host, int(port)) if host else (port, SENTINEL_PORT)


def _wrong(why: str, shown: str) -> SettingsError:
    return SettingsError(f"queue.url: '{shown}' is no address of a queue: {why}.", EXAMPLES)
