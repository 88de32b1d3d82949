"""Where a process listens for its monitors, and what can be wrong with that."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from madang.errors import SettingsError

PATTERN = re.compile(r"(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
LAST_PORT = 65535


@dataclass(frozen=True)
class Address:
    """Hold a host and a port to listen at; port 0 means any that is free.

    `profile` is the file that errors name.
    """

    host: str
    port: int
    profile: Path

    @classmethod
    def of(cls, listen: str, profile: Path) -> "Address":
        """Read `HOST:PORT`; the host has to be said, so that nobody opens a port to all by chance.

        Raises `SettingsError`.
        """
        found = PATTERN.fullmatch(listen)
        if found is None or int(found["port"]) > LAST_PORT:
            raise SettingsError(
                f"{profile}: operations.listen: '{listen}' is no address to listen at.",
                "Write HOST:PORT, such as 127.0.0.1:9464, which only this machine reaches.",
            )
        return cls(found["host"].strip("[]"), int(found["port"]), profile)

    @property
    def family(self) -> socket.AddressFamily:
        """Return the kind of the address."""
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    def url(self, port: int) -> str:
        """Return the address as a URL, with the port that was found free."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}"

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the system says about this address into a `SettingsError`."""
        try:
            yield
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", "") or error
            raise SettingsError(
                f"{self.profile}: operations.listen: cannot listen at {self.host}:{self.port}: "
                f"{why}.",
                "Give every process a free port of this machine: "
                "MADANG__OPERATIONS__LISTEN=127.0.0.1:PORT sets it for one.",
            ) from error
