"""Plans: what fits on a GPU at once, for the five seed models and for odd cases."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.core.models.checkpoint import save, save_adapter

from madang.cli import main
from madang.inference.memory import GIB
from madang.models.plan import RUNTIME, Plan, plan
from madang.settings import Settings, load

SEEDS = """\
[models.slang]
source = "huggingface-KREW/EXAONE-3.5-7.8B-Instruct-KoCulture"
dtype = "bfloat16"
[models.culture]
source = "SEOKDONG/openchat3.5_korean_v1.0_sft"
tokenizer = "openchat/openchat_3.5"
[models.assistant]
source = "werty1248/Llama-3-Ko-8B-Instruct-AOG"
[models.genstruct]
source = "MLP-KTLim/llama-3-Korean-Bllossom-8B"
[models.genstruct.adapters]
simple-qa = "iknow-lab/0725-ko-genstruct-v0.2-simple-qa"
[models.finance]
source = "EleutherAI/polyglot-ko-5.8b"
quantisation = "nf4"
[models.finance.adapters]
fin_v4 = "SGEcon/polyglot-ko-5.8b_fin_v4"
"""
Profile = Callable[[str], Path]
Said = pytest.CaptureFixture[str]


@pytest.fixture
def seeds(profile: Profile) -> Settings:
    return load(profile(SEEDS), {}).settings


def together(made: Plan) -> set[str]:
    return {need.name for need in made.together}


@pytest.mark.parametrize(
    ("vram", "fit", "turns"),
    [
        (80, {"slang", "culture", "assistant", "genstruct", "finance"}, {}),
        (
            48,
            {"culture", "assistant", "finance"},
            {"genstruct": ("finance",), "slang": ("culture",)},
        ),
        (
            24,
            {"culture", "finance"},
            {"assistant": ("culture",), "genstruct": ("culture",), "slang": ("culture",)},
        ),
        (12, {"finance"}, {}),
        (4, set(), {}),
    ],
)
def test_the_seeds_on_each_size_of_card(
    seeds: Settings, vram: int, fit: set[str], turns: dict[str, tuple[str, ...]]
) -> None:
    made = plan(seeds, vram * GIB)
    assert together(made) == fit
    assert {need.name: leaving for need, leaving in made.in_turn} == turns
    assert made.used <= made.vram
    assert fit | set(turns) | {need.name for need in made.too_big} == set(seeds.models)


@pytest.mark.parametrize("vram", range(4, 90, 3))
def test_every_plan_is_true(seeds: Settings, vram: int) -> None:
    made = plan(seeds, vram * GIB)
    sizes = {need.name: need.bytes for need in made.needs}
    assert RUNTIME + sum(sizes[name] for name in together(made)) <= vram * GIB
    for need, leaving in made.in_turn:
        stay = together(made) - set(leaving)
        assert RUNTIME + need.bytes + sum(sizes[name] for name in stay) <= vram * GIB
    assert all(need.bytes + RUNTIME > vram * GIB for need in made.too_big)


def test_the_profile_of_the_seeds_can_be_planned() -> None:
    made = plan(load("seeds", {}).settings, 24 * GIB)
    assert together(made) == {"culture", "finance"}
    assert [need.name for need, _ in made.in_turn] == ["assistant", "genstruct", "slang"]


def test_fewer_tokens_take_less(seeds: Settings) -> None:
    made = plan(seeds, 80 * GIB, tokens=8000)
    slang = next(need for need in made.needs if need.name == "slang")
    finance = next(need for need in made.needs if need.name == "finance")
    assert (slang.tokens, finance.tokens) == (8000, 2048)
    assert round(made.used / GIB, 1) == 66.9


def test_quantised_all_five_share_a_card_of_48(profile: Profile) -> None:
    settings = load(profile(SEEDS), {}).settings
    models = {
        name: msgspec.structs.replace(model, quantisation="int8")
        for name, model in settings.models.items()
    }
    settings = msgspec.structs.replace(settings, models=models)
    assert len(plan(settings, 48 * GIB, tokens=8000).together) == 5


def test_files_that_are_here_are_measured(profile: Profile, tmp_path: Path) -> None:
    save(tmp_path / "here")
    save_adapter(tmp_path / "adapter")
    text = "[models.here]\nsource = './here'\n[models.here.adapters]\npoet = './adapter'\n"
    (need,) = plan(load(profile(text), {}).settings, GIB * 2).together
    assert (need.origin, need.tokens) == ("measured", 128)
    stored = sum(file.stat().st_size for file in (tmp_path / "here").glob("*.safetensors"))
    adapter = (tmp_path / "adapter" / "adapter_model.safetensors").stat().st_size
    assert 0 <= stored + adapter - need.weights < 10_000  # the headers


def test_the_command_says_it_in_words_and_in_json(profile: Profile, capsys: Said) -> None:
    file = profile(SEEDS + "[models.far]\nbackend = 'openai'\n[models.odd]\nsource = 'kim/odd'\n")
    assert main(["models", "plan", "--profile", str(file), "--vram", "12"]) == 0
    said = capsys.readouterr().out
    assert "fit at once: finance (5.1 of 12 GiB, run time 1 included)" in said
    assert "does not fit: assistant needs 17.0 GiB; with int8 it would take 10.5" in said
    assert "not known: odd" in said
    assert "served elsewhere: far" in said
    assert "not counted: adapter simple-qa of genstruct" in said
    assert main(["models", "plan", "--profile", str(file), "--vram", "24", "--json"]) == 0
    (made,) = json.loads(capsys.readouterr().out)
    assert made["together"] == ["finance", "culture"]
    assert made["in_turn"]["slang"] == ["culture"]
    assert made["models"][0]["choices"].keys() == {"none", "int8", "nf4"}


@pytest.mark.parametrize("vram", ["0", "-1", "much", "nan"])
def test_a_card_without_memory_is_refused(vram: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["models", "plan", f"--vram={vram}"])
    assert stopped.value.code == 2


def test_without_a_size_it_plans_for_this_machine_or_for_common_cards(
    profile: Profile, capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["models", "plan", "--profile", str(profile(SEEDS))]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert [f"a GPU with {size} GiB" in said for size in (12, 24, 48, 80)] == [True] * 4
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 24564\n", "utf-8")
    tool.chmod(0o755)
    assert main(asked) == 0
    assert "a GPU with 23.99 GiB" in capsys.readouterr().out
    tool.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\n", "utf-8")
    assert main(asked) == 0
    assert "a GPU with 80 GiB" in capsys.readouterr().out
