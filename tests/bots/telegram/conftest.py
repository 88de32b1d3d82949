"""A running stand-in, people who talk, and the bot."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import pytest
from tests.bots.telegram.world import FAST, a_setup, base_of, running, write
from tests.core.testing.telegram.conftest import _durations as _durations
from tests.core.testing.telegram.conftest import minji as minji
from tests.core.testing.telegram.conftest import server as server

from madang.contract import Backend
from madang.testing.telegram import Chat, Person, TelegramServer
from madang.yard import Yard
from madang_telegram.lanes import Pace


class Bot(Protocol):
    """Run the bot: `async with bot(backend) as yard`."""

    def __call__(
        self, backend: Backend | None = None, *, more: str = "", pace: Pace = FAST
    ) -> AbstractAsyncContextManager[Yard]:
        """Run it until the end of the block; `more` is appended to its options."""
        ...


@pytest.fixture
def chat(server: TelegramServer, minji: Person) -> Chat:
    """Return a private chat."""
    return server.private(minji)


@pytest.fixture
def junho(server: TelegramServer) -> Person:
    """Return somebody else."""
    return server.person("준호", "junho")


@pytest.fixture
def group(server: TelegramServer, minji: Person, junho: Person) -> Chat:
    """Return a group with both and the bot, of which minji is the owner."""
    return server.group("마당", minji, junho)


@pytest.fixture
def bot(server: TelegramServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """Return what runs the bot, each time with the same store."""
    monkeypatch.setenv("TELEGRAM_TOKEN", server.token)

    def run(
        backend: Backend | None = None, *, more: str = "", pace: Pace = FAST
    ) -> AbstractAsyncContextManager[Yard]:
        profile = write(tmp_path, base_of(server), more)
        setup = a_setup(profile, {"MADANG_HOME": str(tmp_path)}, backend)
        return running(setup, pace=pace)

    return run
