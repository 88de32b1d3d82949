"""A running stand-in for each test."""

from collections.abc import AsyncIterator

import pytest

from madang.testing.telegram import Chat, Person, TelegramServer, telegram_server


@pytest.fixture(autouse=True)
def _durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let python-telegram-bot return durations without a warning."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    """Run a stand-in without limits; all that it sent must have fitted the bot's types."""
    async with telegram_server(limits=None) as running:
        yield running
    assert running.problems == []


@pytest.fixture
def minji(server: TelegramServer) -> Person:
    """Return somebody."""
    return server.person("민지", "minji")


@pytest.fixture
def chat(server: TelegramServer, minji: Person) -> Chat:
    """Return a private chat that was started."""
    private = server.private(minji)
    minji.starts(private)
    return private
