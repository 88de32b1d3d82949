"""Whatever the schedule, everybody gets what they would get alone."""

from dataclasses import dataclass

from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.core.inference.engine.toy import Ask, Engine, alone

from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.scheduler import Scheduler


@dataclass(frozen=True, kw_only=True)
class World:
    """Hold requests and the machine that serves them."""

    asks: list[Ask]
    total: int
    size: int
    slots: int
    prefill: int
    prefill_beside: int
    depth: int
    rows: bool
    failing: frozenset[int]

    def serve(self) -> tuple[BlockManager, Engine]:
        """Serve all requests and check what is left."""
        blocks = BlockManager(self.total, self.size)
        scheduler = Scheduler(
            blocks, slots=self.slots, prefill=self.prefill, prefill_beside=self.prefill_beside
        )
        engine = Engine(blocks, scheduler, self.slots, self.depth, self.rows)
        engine.run(self.asks, self.failing)
        assert scheduler.idle
        assert blocks.free == blocks.total
        assert sorted(blocks.allocate(blocks.total)) == list(range(blocks.total))
        return blocks, engine


@st.composite
def ask(draw: st.DrawFn) -> Ask:
    """Make a request that shares its beginning with others, more often than not."""
    head = draw(st.sampled_from([(), (1, 2, 3, 4), (1, 2, 3, 4, 5, 6, 1, 2)]))
    tail = draw(st.lists(st.integers(1, 2), min_size=not head, max_size=8))
    comes = draw(st.integers(0, 6))
    stays = draw(st.none() | st.none() | st.integers(0, 20))
    return Ask(
        prompt=(*head, *tail),
        room=draw(st.integers(1, 20)),
        adapter=draw(st.sampled_from(["", "friend"])),
        priority=draw(st.integers(0, 2)),
        comes=comes,
        goes=None if stays is None else comes + stays,
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Make a world that is only just big enough, more often than not."""
    asks = draw(st.lists(ask(), min_size=2, max_size=9))
    size = draw(st.integers(1, 4))
    least = max(-(-each.limit // size) for each in asks)
    return World(
        asks=asks,
        total=least + draw(st.integers(0, 5)),
        size=size,
        slots=draw(st.integers(1, 6)),
        prefill=draw(st.integers(1, 16)),
        prefill_beside=draw(st.integers(1, 8)),
        depth=draw(st.integers(0, 2)),
        rows=draw(st.booleans()),
        failing=draw(st.frozensets(st.integers(0, 30), max_size=3)),
    )


@settings(max_examples=600)
@given(world=worlds())
def test_everybody_gets_what_they_would_get_alone(world: World) -> None:
    blocks, engine = world.serve()
    event(f"reused {blocks.hits > 0}, preempted {engine.preemptions > 0}")
    for each, tokens in engine.ended:
        assert tokens == alone(each)
    staying = [each for each in world.asks if each.goes is None]
    assert all(each in [ended for ended, _ in engine.ended] for each in staying)
