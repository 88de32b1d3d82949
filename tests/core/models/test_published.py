"""The layouts of the four architectures, as tiny checkpoints that the loader's tests make."""

from pathlib import Path

import pytest
from tests.core.inference.published import publish

from madang.contract import Model
from madang.models.checks import check_weights
from madang.models.checks.config import read_json
from madang.models.facts import known_facts
from madang.models.needs import need_of
from madang.models.part import parts_of
from madang.models.presence import find
from madang.models.verify import verify

SEED_OF = {"exaone": "slang", "mistral": "culture", "llama": "assistant", "gpt_neox": "finance"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write every layout once."""
    return publish(tmp_path_factory.mktemp("published"))


@pytest.mark.parametrize("name", SEED_OF)
def test_the_facts_know_the_names_of_the_weights(folders: dict[str, Path], name: str) -> None:
    facts = known_facts()[SEED_OF[name]]
    config = read_json(folders[name] / "config.json")
    assert config["architectures"] == [facts.architecture]
    findings, tensors = check_weights(folders[name], facts, config, False)
    assert [each for each in findings if each.state != "ok"] == []
    assert tensors


@pytest.mark.parametrize("name", SEED_OF)
def test_a_base_with_its_adapter_passes(folders: dict[str, Path], name: str) -> None:
    model = Model(source=str(folders[name]), adapters={"a": str(folders[f"{name}-a"])})
    report = verify("tiny", model)
    assert [each for each in report.findings if each.state == "failure"] == []


def test_the_adapter_of_another_layout_does_not(folders: dict[str, Path]) -> None:
    model = Model(source=str(folders["exaone"]), adapters={"a": str(folders["llama-a"])})
    assert "the base has no" in str(verify("tiny", model).findings)


@pytest.mark.parametrize("name", SEED_OF)
def test_each_layout_is_measured(folders: dict[str, Path], name: str) -> None:
    model = Model(source=str(folders[name]))
    need = need_of("tiny", model)
    assert need.origin == "measured"
    assert need.choices["nf4"] < need.choices["int8"] < need.choices["none"]
    assert find(parts_of("tiny", model)[0]).state == "present"
