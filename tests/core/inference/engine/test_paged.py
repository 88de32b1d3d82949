"""The cache of a GPU, over the fallback that runs anywhere, and which kernel it gets."""

import logging
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.inference.engine.paged_rig import PagedRig, some_asks
from tests.core.inference.engine.rig import Ask, Reference, prompts

from madang.inference.engine.current import Bend
from madang.inference.engine.gathered import Gathered
from madang.inference.engine.gpu import rehearse
from madang.inference.engine.kernels import (
    TOLERANCE,
    Attention,
    Kernel,
    Layer,
    Varlen,
    choose_kernel,
    kernel_error,
)
from madang.inference.engine.paged import PagedCache, survey
from madang.inference.engine.scheduler import Chunk
from madang.inference.engine.sequence import Sequence
from madang.inference.engine.spans import Spans, spans_of
from madang.inference.loaded import Loaded

CPU = torch.device("cpu")
ARCHITECTURES = ("llama", "mistral", "gemma3")
PROMPTS = prompts()
Pairs = dict[str, tuple[Reference, Loaded]]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(ARCHITECTURES),
    asks=some_asks(PROMPTS, 6),
    blocks=st.integers(12, 40),
    prefill=st.sampled_from([5, 16, 64]),
    ahead=st.integers(0, 1),
)
def test_greedy_answers_equal_generate(
    pairs: Pairs, name: str, asks: list[Ask], blocks: int, prefill: int, ahead: int
) -> None:
    reference, model = pairs[name]
    rig = PagedRig(model, blocks=blocks, prefill=prefill, prefill_beside=prefill, ahead=ahead)
    for ask, answer in zip(asks, rig.serve(asks), strict=True):
        assert answer.error is None
        whole = reference.answer(ask.prompt, ask.adapter, ask.room)
        assert answer.tokens == whole[: len(answer.tokens)]
        assert ask.goes is not None or len(answer.tokens) == ask.room
    assert rig.is_clean()


def test_who_loses_its_blocks_resumes(pairs: Pairs) -> None:
    reference, model = pairs["llama"]
    rig = PagedRig(model, blocks=12)
    asks = [Ask(prompt=PROMPTS[3]), Ask(prompt=PROMPTS[4][:30]), Ask(prompt=PROMPTS[2])]
    answers = rig.serve(asks)
    assert sum(answer.run.sequence.preemptions for answer in answers) > 0
    for ask, answer in zip(asks, answers, strict=True):
        assert answer.tokens == reference.answer(ask.prompt, "")


def test_a_prefix_is_read_from_the_blocks_of_another(pairs: Pairs) -> None:
    reference, model = pairs["mistral"]
    rig = PagedRig(model)
    rig.serve([Ask(prompt=PROMPTS[5])])
    again = rig.serve([Ask(prompt=PROMPTS[5])])[0]
    assert again.run.sequence.cached == 64
    assert again.tokens == reference.answer(PROMPTS[5], "")


def test_no_numbers_in_reused_blocks_do_not_spread(pairs: Pairs) -> None:
    reference, model = pairs["gemma3"]
    rig = PagedRig(model, blocks=12)
    for pools in rig.paged._pools.values():
        for pool in pools:
            pool.fill_(torch.nan)
    for prompt in PROMPTS[:5]:
        assert rig.serve([Ask(prompt=prompt)])[0].tokens == reference.answer(prompt, "")


def test_long_chunks_and_many_keys_are_computed_in_parts(
    pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.inference.engine.gathered.SCORES", 200)
    monkeypatch.setattr("madang.inference.engine.gathered.KEYS", 60)
    reference, model = pairs["gemma3"]
    asks = [Ask(prompt=prompt) for prompt in PROMPTS]
    for ask, answer in zip(asks, PagedRig(model).serve(asks), strict=True):
        assert answer.tokens == reference.answer(ask.prompt, "")


def attention(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, start: int, bend: Bend
) -> torch.Tensor:
    """Compute attention of one sequence head by head and token by token."""
    out = query.new_zeros(query.shape[0], query.shape[1], values.shape[-1])
    group = query.shape[1] // keys.shape[1]
    for token in range(query.shape[0]):
        at = start + token
        seen = slice(max(0, at - bend.window + 1) if bend.window else 0, at + 1)
        for head in range(query.shape[1]):
            scores = keys[seen, head // group] @ query[token, head] * bend.scale
            if bend.softcap:
                scores = bend.softcap * torch.tanh(scores / bend.softcap)
            out[token, head] = scores.softmax(0) @ values[seen, head // group]
    return out


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    lengths=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), min_size=1, max_size=5),
    size=st.integers(1, 9),
    heads=st.sampled_from([(1, 1), (4, 2), (6, 1)]),
    window=st.integers(0, 12),
    softcap=st.sampled_from([0.0, 0.5]),
)
def test_gathered_attention_is_that_of_the_formula(
    lengths: list[tuple[int, int]],
    size: int,
    heads: tuple[int, int],
    window: int,
    softcap: float,
) -> None:
    bend = Bend(0.7, window, softcap)
    layer = Layer(*heads, 8, 5, torch.float32, bend)
    random = torch.Generator().manual_seed(len(lengths))
    blocks = torch.randperm(60 * len(lengths), generator=random).tolist()
    chunks, queries, expected = [], [], []
    cache = PagedCache({3: layer}, Gathered(), blocks=len(blocks), size=size, device=CPU)
    keys, values = cache._pools[3]
    for pool in (keys, values):
        pool.fill_(torch.nan)
    for start, count in lengths:
        end = start + count
        table = [blocks.pop() for _ in range(-(-end // size))]
        sequence = Sequence(tokens=[], prompt_length=0, limit=0, blocks=table)
        own = torch.randn(end, heads[1], 8, generator=random)
        says = torch.randn(end, heads[1], 5, generator=random)
        for at in range(start):
            keys[table[at // size], at % size] = own[at]
            values[table[at // size], at % size] = says[at]
        query = torch.randn(count, heads[0], 8, generator=random)
        expected.append(attention(query, own, says, start, bend))
        chunks.append(Chunk(sequence, start, count, True))
        queries.append((query, own[start:], says[start:]))
    query, key, value = (torch.cat(part).transpose(0, 1) for part in zip(*queries, strict=True))
    got = cache.plan(cache.arrange(chunks))(3, query, key, value, bend)
    torch.testing.assert_close(got, torch.cat(expected))


# --- what the device is told ----------------------------------------------------------------------


def test_spans_say_where_tokens_lie() -> None:
    first = Sequence(tokens=[], prompt_length=0, limit=0, blocks=[7, 3, 9])
    second = Sequence(tokens=[], prompt_length=0, limit=0, blocks=[5])
    spans = spans_of([Chunk(first, 5, 1, True), Chunk(second, 1, 3, False)], 4, CPU)
    assert spans.slots.tolist() == [13, 21, 22, 23]
    assert spans.tables.tolist() == [[7, 3], [5, 0]]
    assert spans.lengths.tolist() == [6, 4]
    assert spans.starts.tolist() == [0, 1, 4]
    assert spans.key_starts.tolist() == [0, 6, 10]
    assert {spans.tables.dtype, spans.lengths.dtype, spans.key_starts.dtype} == {torch.int32}
    assert (spans.most_tokens, spans.most_keys) == (3, 6)


def test_a_survey_finds_every_layer(pairs: Pairs) -> None:
    layers = survey(pairs["gemma3"][1].model)
    windows = {number: layer.bend.window for number, layer in layers.items()}
    assert windows == {0: 12, 1: 0}
    assert {(each.heads, each.kv_heads, each.width) for each in layers.values()} == {(4, 2, 16)}


def test_the_largest_step_can_be_rehearsed(pairs: Pairs) -> None:
    model = pairs["llama"][1]
    rehearse(model, survey(model.model), Gathered(), slots=8, prefill=512)


# --- which kernel ---------------------------------------------------------------------------------

LAYER = Layer(4, 2, 16, 16, torch.float32, Bend(0.25))


class Wrong(Gathered):
    """Compute with something changed, as a kernel with a mistake would."""

    name = "wrong"
    size = 64

    def __init__(self, **changes: Any) -> None:
        self._changes = changes

    def over(self, spans: Spans) -> Attention:
        right = super().over(spans)
        return lambda query, keys, values, bend: right(
            query, keys, values, replace(bend, **self._changes)
        )


class Looking(Gathered):
    """Look at what lies behind the end of a sequence, and give it no weight."""

    def over(self, spans: Spans) -> Attention:
        right = super().over(spans)
        return lambda query, keys, values, bend: (
            right(query, keys, values, bend) + 0 * values.sum(dtype=torch.float32)
        )


class Forgetful(Gathered):
    """Leave the output of one token as the memory was."""

    def over(self, spans: Spans) -> Attention:
        right = super().over(spans)

        def attend(
            query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, bend: Bend
        ) -> torch.Tensor:
            out = right(query, keys, values, bend)
            out[1] = 0
            return out

        return attend


@pytest.mark.parametrize("size", [16, 32, 256])
@pytest.mark.parametrize("bend", [Bend(0.25), Bend(0.25, window=4096), Bend(0.25, softcap=50.0)])
def test_a_right_kernel_is_found_right(size: int, bend: Bend) -> None:
    kernel = Gathered()
    kernel.size = size
    assert kernel_error(kernel, replace(LAYER, bend=bend), CPU) < 1e-5
    half = replace(LAYER, bend=bend, dtype=torch.bfloat16)
    assert 1e-4 < kernel_error(kernel, half, CPU) < TOLERANCE


@pytest.mark.parametrize(
    ("kernel", "bend"),
    [
        (Wrong(scale=0.3), Bend(0.25)),
        (Wrong(window=39), Bend(0.25, window=4096)),
        (Wrong(window=41), Bend(0.25, window=4096)),
        (Wrong(window=0), Bend(0.25, window=4096)),
        (Wrong(softcap=0.0), Bend(0.25, softcap=50.0)),
        (Looking(), Bend(0.25)),
        (Forgetful(), Bend(0.25)),
    ],
)
def test_a_wrong_kernel_is_found_out(
    kernel: Kernel, bend: Bend, caplog: pytest.LogCaptureFixture
) -> None:
    layer = replace(LAYER, bend=bend)
    assert not kernel_error(kernel, layer, CPU) <= 2 * TOLERANCE
    with caplog.at_level(logging.INFO):
        assert isinstance(choose_kernel([LAYER, layer], CPU, [kernel]), Gathered)
    assert f"{kernel.name} is not used: it errs by" in caplog.text


def test_what_does_not_run_here_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert type(choose_kernel([LAYER], CPU)) is Gathered
    assert "flash-attn is not used" in caplog.text
    assert "torch varlen is not used" in caplog.text


def test_the_first_that_is_right_is_taken() -> None:
    right = Wrong()
    assert choose_kernel([LAYER], CPU, [Varlen(), Wrong(scale=1.0), right, Gathered()]) is right
