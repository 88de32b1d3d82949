"""What is declared is sent, under the server's own names, and neutral values are sent too."""

import json
from typing import Any, get_args

import pytest

from madang.contract import Sampling, ServerKind
from madang.openai.dialect import DIALECTS

KINDS = get_args(ServerKind)
CHANGED: dict[str, Any] = {
    "max_new_tokens": 7,
    "temperature": 0.5,
    "top_p": 0.5,
    "top_k": 5,
    "min_p": 0.5,
    "repetition_penalty": 1.5,
    "stop": ("끝",),
    "seed": 5,
}
WORKERS_OWN = {"max_length"}


def sent(kind: ServerKind, **sampling: Any) -> dict[str, Any]:
    """Return the fields of a request, a generation config spread out."""
    drawn = Sampling(**{"temperature": 0.9, **sampling})
    fields: dict[str, Any] = dict(DIALECTS[kind].fields(drawn, (), 512))
    return {**fields, **json.loads(fields.get("generation_config", "{}"))}


def test_every_kind_has_a_dialect() -> None:
    assert set(DIALECTS) == set(KINDS)


def test_every_field_of_sampling_is_tried_here() -> None:
    assert set(CHANGED) | WORKERS_OWN == set(Sampling.__struct_fields__)


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_is_declared_if_and_only_if_it_changes_what_is_sent(kind: ServerKind) -> None:
    told = {name for name in CHANGED if sent(kind, **{name: CHANGED[name]}) != sent(kind)}
    # A seed is sent to everybody, as every request has one; not everybody keeps to it.
    assert told - {"seed"} == DIALECTS[kind].sampling - {"seed"}
    assert "seed" in told


@pytest.mark.parametrize("kind", KINDS)
def test_neutral_values_leave_nothing_to_the_server(kind: ServerKind) -> None:
    greedy = sent(kind, temperature=0.0)
    assert greedy.get("temperature", 0.0) == 0.0
    assert greedy.get("do_sample", False) is False
    keys = set(sent(kind))
    assert {"top_p", "temperature"} <= keys
    if kind != "openai":
        assert {"top_k", "min_p"} <= keys
        assert {"repetition_penalty", "repeat_penalty"} & keys


def test_unlimited_top_k_is_written_as_each_server_takes_it() -> None:
    found = {kind: sent(kind).get("top_k") for kind in KINDS}
    assert found == {"openai": None, "vllm": -1, "sglang": -1, "llama.cpp": 0, "transformers": 0}


def test_the_penalty_of_llama_cpp_sees_the_whole_context_and_no_other_sampler_runs() -> None:
    fields = sent("llama.cpp")
    assert fields["repeat_last_n"] == 512
    assert fields["samplers"] == ["penalties", "temperature", "top_k", "top_p", "min_p"]


@pytest.mark.parametrize("seed", [0, 5, 2**32 - 1, 2**70, -1])
def test_a_seed_fits_into_what_servers_keep(seed: int) -> None:
    assert 0 <= sent("vllm", seed=seed)["seed"] < 2**31


@pytest.mark.parametrize("kind", [kind for kind in KINDS if DIALECTS[kind].ends])
def test_ids_that_end_an_answer_are_sent_where_they_are_taken(kind: ServerKind) -> None:
    fields = DIALECTS[kind].fields(Sampling(), (361,), 512)
    assert "361" in json.dumps(fields)


def test_an_adapter_is_asked_for_by_name() -> None:
    names = {kind: dialect.served_name("base", "poet") for kind, dialect in DIALECTS.items()}
    assert names["vllm"] == names["openai"] == "poet"
    assert names["sglang"] == "base:poet"
    assert {dialect.served_name("base", "") for dialect in DIALECTS.values()} == {"base"}
