"""The door to a platform on which people talk."""

import argparse
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from madang.yard import Yard


class Bot(Protocol):
    """Connect one platform to the conversations."""

    @property
    def name(self) -> str:
        """Return the first part of all its places."""
        ...

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the bot's own options to its command."""
        ...

    async def run(self, yard: "Yard", options: argparse.Namespace) -> int:
        """Serve people until there is nothing left to do; return the exit status."""
        ...
