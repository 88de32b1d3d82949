"""Messages that grow on a platform of the tests' own: the newest is shown, the last always."""

import asyncio

import pytest

from madang.delivery import Budget, Gone, Growing, Lane, Missing, TooFast


class Board:
    """Be a platform: messages by id, and every content that each of them ever had."""

    def __init__(self) -> None:
        self.history: dict[str, list[str]] = {}
        self.order: list[str] = []
        self.refuse: list[Exception] = []
        self.turn = asyncio.Event()
        self.turn.set()

    @property
    def shown(self) -> list[str]:
        return [contents[-1] for contents in self.history.values()]

    async def send(self, content: str, number: int) -> str:
        await self._wait()
        self.order.append(content)
        self.history[str(len(self.history))] = [content]
        return str(len(self.history) - 1)

    async def edit(self, message: str, content: str) -> None:
        await self._wait()
        if message not in self.history:
            raise Gone(message)
        self.order.append(content)
        self.history[message].append(content)

    async def delete(self, message: str) -> None:
        await self._wait()
        del self.history[message]

    async def _wait(self) -> None:
        await self.turn.wait()
        if self.refuse:
            raise self.refuse.pop(0)


async def test_only_the_newest_text_is_written_while_a_call_is_under_way() -> None:
    board, lane = Board(), Lane(Budget())
    growing = Growing(lane, board)
    growing.show(["…"])
    await asyncio.sleep(0)
    board.turn.clear()
    for number in range(100):
        growing.show([f"text {number}"])
        await asyncio.sleep(0)
    board.turn.set()
    growing.show(["whole"], final=True)
    await growing.finished()
    assert board.shown == ["whole"]
    assert len(board.history["0"]) <= 3


async def test_a_text_goes_on_in_further_messages_and_shrinks_again() -> None:
    board = Board()
    growing = Growing(Lane(Budget()), board)
    growing.show(["a", "b", "c"], final=True)
    await growing.finished()
    assert board.shown == ["a", "b", "c"]
    growing.show(["a", "B"], final=True)
    await growing.finished()
    assert board.shown == ["a", "B"]
    assert board.history["0"] == ["a"]


async def test_a_final_text_outlives_what_turns_it_away() -> None:
    board = Board()
    growing = Growing(Lane(Budget()), board)
    board.refuse = [TooFast(0.01), TooFast(0.02), TooFast(0.01)]
    growing.show(["whole"], final=True)
    await growing.finished()
    assert board.shown == ["whole"]


async def test_a_final_text_does_not_wait_for_another_message_s_previews() -> None:
    board, lane = Board(), Lane(Budget((2, 0.1), reserved=0))
    talking, ending = Growing(lane, board), Growing(lane, board)
    talking.show(["1"])
    ending.show(["2"])
    await asyncio.gather(talking.finished(), ending.finished())
    talking.show(["1 more"])
    ending.show(["2 done"], final=True)
    await asyncio.gather(talking.finished(), ending.finished())
    assert board.order == ["1", "2", "2 done", "1 more"]


async def test_messages_of_an_earlier_process_are_gone_on_with() -> None:
    board = Board()
    board.history = {"7": ["half a"]}
    growing = Growing(Lane(Budget()), board, messages=["7"])
    growing.show(["half an answer"], final=True)
    await growing.finished()
    assert board.history == {"7": ["half a", "half an answer"]}


async def test_a_message_that_was_deleted_ends_the_trouble_there() -> None:
    board = Board()
    growing = Growing(Lane(Budget()), board, messages=["7"])
    growing.show(["text"], final=True)
    with pytest.raises(Gone):
        await growing.finished()
    growing.show(["more"], final=True)
    with pytest.raises(Gone):
        await growing.finished()


async def test_other_errors_are_for_who_waits_and_the_lane_goes_on() -> None:
    board, lane = Board(), Lane(Budget())
    board.refuse = [OSError("cut")]
    growing, other = Growing(lane, board), Growing(lane, board)
    growing.show(["a"], final=True)
    other.show(["b"], final=True)
    with pytest.raises(OSError, match="cut"):
        await growing.finished()
    await other.finished()
    await growing.finished()
    assert sorted(board.shown) == ["a", "b"]
    assert lane.idle


async def test_text_may_travel_only_in_edits_of_a_small_first_message() -> None:
    board = Board()
    growing = Growing(Lane(Budget()), board, placeholder="…")
    growing.show(["one", "two"], final=True)
    await growing.finished()
    assert list(board.history.values()) == [["…", "one"], ["…", "two"]]


async def test_what_costs_something_is_made_when_it_is_written() -> None:
    board, made = Board(), list[str]()

    def make() -> list[str]:
        made.append(f"text {len(made)}")
        return [made[-1]]

    growing = Growing(Lane(Budget((1, 0.02), reserved=0)), board)
    for _ in range(50):
        growing.show(make)
    await growing.finished()
    growing.show(["whole"], final=True)
    await growing.finished()
    assert made == ["text 0"]
    assert board.shown == ["whole"]


async def test_a_message_that_somebody_took_away_is_written_anew() -> None:
    board = Board()
    growing = Growing(Lane(Budget()), board)
    growing.show(["a", "b", "c"])
    await growing.finished()
    board.refuse = [Missing("1")]
    growing.show(["a", "B", "C"], final=True)
    await growing.finished()
    assert list(board.history.values()) == [["a"], ["b"], ["c", "B"], ["C"]]
    assert growing.messages == ["0", "2", "3"]


async def test_messages_that_are_taken_away_again_and_again_are_given_up() -> None:
    board = Board()
    growing = Growing(Lane(Budget()), board, placeholder="…")

    async def lost(message: str, content: str) -> None:
        raise Missing(message)

    board.edit = lost  # type: ignore[method-assign]
    growing.show(["a"], final=True)
    with pytest.raises(Gone):
        await growing.finished()
    assert len(board.history) == 9


async def test_whoever_writes_to_a_closed_lane_ends() -> None:
    board, lane = Board(), Lane(Budget())
    board.turn.clear()
    before, after = Growing(lane, board), Growing(lane, board)
    before.show(["a"], final=True)
    waiting = asyncio.ensure_future(before.finished())
    await asyncio.sleep(0)
    await lane.close()
    after.show(["b"], final=True)
    with pytest.raises(asyncio.CancelledError):
        await after.finished()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert board.history == {}
