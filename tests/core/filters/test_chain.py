"""Several filters act as one, in their order."""

from madang.contract import Author, Decision, Filter, Place
from madang.filters import FilterChain

PLACE = Place("tty")
AUTHOR = Author("tty:1", "벗")


class Adding:
    """Add a letter to every text, or refuse it when there is no letter."""

    def __init__(self, letter: str, *, streams: bool = True) -> None:
        self._letter = letter
        self._streams = streams

    @property
    def streams(self) -> bool:
        """Say what the test wants."""
        return self._streams

    async def incoming(self, text: str, author: Author, place: Place) -> Decision:
        """Add the letter."""
        return Decision(text=text + self._letter, refused="" if self._letter else "no")

    async def outgoing(self, text: str, place: Place, *, final: bool) -> Decision:
        """Add the letter, a large one in the end."""
        letter = self._letter.upper() if final else self._letter
        return Decision(text=text + letter, refused="" if letter else "no")


async def test_no_filters_pass_everything() -> None:
    chain: Filter = FilterChain()
    assert chain.streams
    assert (await chain.incoming("x", AUTHOR, PLACE)).text == "x"


async def test_each_filter_sees_what_the_one_before_left() -> None:
    chain = FilterChain([Adding("a"), Adding("b")])
    assert (await chain.incoming("x", AUTHOR, PLACE)).text == "xab"
    assert (await chain.outgoing("x", PLACE, final=False)).text == "xab"
    assert (await chain.outgoing("x", PLACE, final=True)).text == "xAB"


async def test_the_first_refusal_ends_it() -> None:
    chain = FilterChain([Adding("a"), Adding(""), Adding("c")])
    assert await chain.incoming("x", AUTHOR, PLACE) == Decision(text="xa", refused="no")


def test_one_filter_that_does_not_stream_holds_all_back() -> None:
    assert not FilterChain([Adding("a"), Adding("b", streams=False)]).streams
