"""What a plugin registers is looked at before it is taken."""

from typing import Any

import pytest

from madang.errors import AlreadyRegistered, PluginFailed
from madang.plugins.offer import Offer


class Bot:
    """Do nothing on a platform called `name`."""

    def __init__(self, name: Any = "tty") -> None:
        self.name = name

    def arguments(self, parser: object) -> None:
        """Add nothing."""

    async def run(self, yard: object, options: object) -> int:
        """Leave at once."""
        return 0


def test_a_bot_is_taken_under_its_name() -> None:
    offer = Offer("mine")
    offer.add_bot(Bot())
    assert offer.provides == ("bot tty",)
    with pytest.raises(AlreadyRegistered, match="mine registers two bots 'tty'"):
        offer.add_bot(Bot())


@pytest.mark.parametrize("name", ["", "a b", "discord/1", "pal:loud", None, 3])
def test_a_name_must_fit_into_settings(name: object) -> None:
    with pytest.raises(PluginFailed, match="letters, digits"):
        Offer("mine").add_bot(Bot(name))


def test_a_name_may_be_korean() -> None:
    offer = Offer("mine")
    offer.add_bot(Bot("마당"))
    assert "마당" in offer.bots


def test_what_is_no_bot_is_refused() -> None:
    thing: Any = object()
    with pytest.raises(PluginFailed, match="which has no `name`"):
        Offer("mine").add_bot(thing)
    with pytest.raises(PluginFailed, match="which has no `__call__`"):
        Offer("mine").add_backend("x", thing)
