"""Whatever the schedule, every architecture says what `generate` says, token for token."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.core.inference import tiny
from tests.core.inference.engine.conftest import Pair
from tests.core.inference.engine.rig import ROOM, Ask, Reference, Rig, loaded, prompts

ARCHITECTURES = [each.name for each in (*tiny.ARCHITECTURES, *tiny.OTHERS)]
PROMPTS = prompts()
SIZE = 8


@pytest.fixture(scope="module")
def exaone(as_published: dict[str, Path]) -> Pair:
    """Give EXAONE as the engine serves it, beside its twin among the Llamas."""
    twins = dict.fromkeys("12", as_published["twin-a"])
    adapters = dict.fromkeys("12", as_published["exaone-a"])
    return Reference(as_published["twin"], twins), loaded(as_published["exaone"], adapters)


@dataclass(frozen=True, kw_only=True)
class World:
    """Hold requests and the machine that serves them."""

    asks: list[Ask]
    blocks: int
    slots: int
    prefill: int
    prefill_beside: int
    ahead: int

    def rig(self, pair: Pair) -> Rig:
        """Build the machine."""
        return Rig(
            pair[1],
            blocks=self.blocks,
            size=SIZE,
            slots=self.slots,
            prefill=self.prefill,
            prefill_beside=self.prefill_beside,
            ahead=self.ahead,
        )

    def serve(self, pair: Pair) -> Rig:
        """Serve all requests and hold the answers against transformers' own."""
        rig = self.rig(pair)
        for ask, answer in zip(self.asks, rig.serve(self.asks), strict=True):
            expected = pair[0].answer(ask.prompt, ask.adapter)[: ask.room]
            assert answer.error is None
            if ask.goes is None:
                assert answer.tokens == expected
            assert answer.tokens == expected[: len(answer.tokens)]
        assert rig.is_clean()
        return rig


@st.composite
def ask(draw: st.DrawFn) -> Ask:
    """Make a request of a few prompts, so that many begin alike."""
    comes = draw(st.integers(0, 6))
    stays = draw(st.none() | st.none() | st.none() | st.integers(0, 20))
    return Ask(
        prompt=draw(st.sampled_from(PROMPTS)),
        room=draw(st.integers(1, ROOM)),
        adapter=draw(st.sampled_from(["", "1", "2"])),
        priority=draw(st.integers(0, 1)),
        comes=comes,
        goes=None if stays is None else comes + stays,
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Make a world that is only just big enough, more often than not."""
    asks = draw(st.lists(ask(), min_size=3, max_size=8))
    least = max(-(-(len(each.prompt) + each.room) // SIZE) for each in asks)
    return World(
        asks=asks,
        blocks=least + draw(st.integers(0, 12)),
        slots=draw(st.integers(1, 8)),
        prefill=draw(st.sampled_from([1, 3, 13, 64, 512])),
        prefill_beside=draw(st.sampled_from([1, 5, 16, 128])),
        ahead=draw(st.integers(0, 1)),
    )


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(max_examples=15)
@given(world=worlds())
def test_everybody_gets_what_generate_says(
    pairs: dict[str, Pair], architecture: str, world: World
) -> None:
    metrics = world.serve(pairs[architecture]).engine.metrics
    event(f"preempted {metrics.preemptions > 0}, reused {metrics.cached_tokens > 0}")
    event(f"mixed {metrics.mixed_steps > 0}")


@pytest.mark.parametrize("adapter", ["", "1", "2"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_alone_everybody_gets_what_generate_says(
    pairs: dict[str, Pair], architecture: str, adapter: str
) -> None:
    asks = [
        Ask(prompt=prompt, adapter=adapter, comes=at * 100) for at, prompt in enumerate(PROMPTS)
    ]
    world = World(asks=asks, blocks=30, slots=1, prefill=32, prefill_beside=32, ahead=0)
    metrics = world.serve(pairs[architecture]).engine.metrics
    assert metrics.largest_batch == 1
    assert metrics.cached_tokens  # of the prompts that begin alike


@settings(max_examples=15)
@given(world=worlds())
def test_exaone_says_what_its_layers_say_under_other_names(exaone: Pair, world: World) -> None:
    world.serve(exaone)


@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_outgrows_its_row_and_its_part_of_a_chunk_stays_exact(
    pairs: dict[str, Pair], architecture: str, ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.inference.engine.rowplan.LARGEST", 1000)
    monkeypatch.setattr("madang.inference.engine.rows.SHORTEST", 32)
    long = tuple(4 + number * 7 % 480 for number in range(190))
    asks = [Ask(prompt=prompt, comes=at) for at, prompt in enumerate((*PROMPTS, long))]
    world = World(asks=asks, blocks=90, slots=8, prefill=64, prefill_beside=64, ahead=ahead)
    assert world.serve(pairs[architecture]).engine.metrics.largest_batch > 4
