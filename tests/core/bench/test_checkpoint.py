"""The models of the benches: real sizes, and one token a word."""

from hypothesis import given
from hypothesis import strategies as st
from tests.core.bench.helpers import folder_of
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from madang.bench.engine.checkpoint import MODEL, ids_of, make, text_of
from madang.bench.engine.plan import Plan
from madang.bench.engine.prompts import LONGEST, SHORTEST, order_of
from madang.bench.engine.shapes import SHAPES

IDS = st.lists(st.integers(0, SHAPES["tiny"].vocabulary - 1), min_size=1, max_size=200)


def test_shapes_are_about_as_large_as_their_names() -> None:
    millions = {name: shape.parameters / 1e6 for name, shape in SHAPES.items()}
    assert 190 < millions["200m"] < 210
    assert 1200 < millions["1b"] < 1300
    assert 8000 < millions["8b"] < 8100


def test_the_model_has_the_sizes_and_no_end(plan: Plan) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder_of(plan) / MODEL)
    assert sum(each.numel() for each in model.parameters()) == plan.sizes.parameters
    assert model.generation_config.eos_token_id is None
    assert model.config.eos_token_id is None


def test_the_tokenizer_reads_one_token_a_word(plan: Plan) -> None:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder_of(plan) / MODEL)

    @given(IDS)
    def both_ways(ids: list[int]) -> None:
        assert tokenizer.encode(text_of(ids)) == ids
        assert ids_of(tokenizer.decode(ids)) == ids

    both_ways()


def test_a_model_that_is_kept_is_used_again(plan: Plan) -> None:
    before = (folder_of(plan) / MODEL / "model-00000.safetensors").stat()
    make(plan.sizes, plan.dtype, folder_of(plan))
    assert (folder_of(plan) / MODEL / "model-00000.safetensors").stat() == before


def test_prompts_differ_by_run_and_their_lengths_do_not() -> None:
    shape = SHAPES["tiny"]
    one, other = (order_of(shape, 16, 8, run, ("", "a")) for run in ("one", "other"))
    assert one == order_of(shape, 16, 8, "one", ("", "a"))
    assert all(left.ids != right.ids for left, right in zip(one.asks, other.asks, strict=True))
    lengths = [len(ask.ids) for ask in one.asks]
    assert lengths == [len(ask.ids) for ask in other.asks]
    assert SHORTEST <= min(lengths) < max(lengths) <= LONGEST
    assert [ask.adapter for ask in one.asks[:4]] == ["", "a", "", "a"]
