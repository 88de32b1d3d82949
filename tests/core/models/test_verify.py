"""Verifying: a right stand-in passes, and each broken one fails for its own reason."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.core.models import checkpoint
from tests.core.models.checkpoint import CONFIG, FACTS, save, save_adapter, write_json
from tests.standins.checkpoints import sharded
from tests.standins.families import SEEDS

from madang.cli import main
from madang.contract import Model
from madang.errors import MissingPackage, ModelError, ModelNotLoaded
from madang.models.checks import check_tokenizer
from madang.models.facts import facts_for, known_facts
from madang.models.listing import verification
from madang.models.record import record_path, verified
from madang.models.verify import Report, verify
from madang.settings import load

Said = pytest.CaptureFixture[str]
SHARD = "model-00002-of-00002.safetensors"


@pytest.fixture
def model(tmp_path: Path) -> Model:
    """Save a right checkpoint and adapter, and the facts that describe them."""
    adapter = save_adapter(tmp_path / "adapter")
    (tmp_path / "facts.toml").write_text(FACTS.replace("./adapter", str(adapter)), "utf-8")
    return Model(source=str(save(tmp_path / "weights")), adapters={"poet": str(adapter)})


def run(model: Model, *, generate: bool = False) -> Report:
    facts = str(Path(model.source).parent / "facts.toml")
    return verify("stand-in", model, generate=generate, chosen=facts)


def failures(model: Model) -> str:
    report = run(model)
    failed = [each for each in report.findings if each.state == "failure"]
    assert not report.passed
    assert all(each.hint for each in failed)
    assert verified("stand-in", model) is None
    return "\n".join(f"{each.what}: {each.found}" for each in failed)


def test_a_right_one_passes_and_is_remembered(model: Model) -> None:
    report = run(model)
    assert [each for each in report.findings if each.state != "ok"] == []
    assert report.passed
    entry = verified("stand-in", model)
    assert entry is not None
    assert (entry.facts, entry.answers) == ("a stand-in", {})
    assert verification("stand-in", model).endswith("(files only)")


def test_it_answers_the_sample_questions(model: Model) -> None:
    report = run(model, generate=True)
    assert report.passed
    assert report.findings[-1].found == "!!! (length)"
    entry = verified("stand-in", model)
    assert entry is not None
    assert entry.answers == {"안녕?": "!!!"}
    assert "with answers generated" in entry.words


def test_a_wrong_end_id(model: Model) -> None:
    write_json(Path(model.source, "generation_config.json"), {"eos_token_id": [5, 256]})
    assert failures(model) == "eos: [256, 5], expected [256]"


def test_another_template(model: Model) -> None:
    file = Path(model.source, "tokenizer_config.json")
    settings = json.loads(file.read_text("utf-8"))
    settings["chat_template"] = checkpoint.TEMPLATE.replace("<|end|>", "<|end|>\n")
    write_json(file, settings)
    said = failures(model)
    assert said == (
        "template 1: '<|user|>안녕<|end|>\\n<|bot|>', expected '<|user|>안녕<|end|><|bot|>'"
    )


def test_a_dropped_normaliser(model: Model) -> None:
    file = Path(model.source, "tokenizer.json")
    write_json(file, {**json.loads(file.read_text("utf-8")), "normalizer": None})
    assert failures(model) == "normalizer: 'none', expected 'NFC'"


def test_a_missing_shard(model: Model) -> None:
    Path(model.source, SHARD).unlink()
    assert failures(model) == f"weights: {SHARD} is missing"


def test_a_wrong_number_of_layers(model: Model) -> None:
    write_json(Path(model.source, "config.json"), {**CONFIG, "num_hidden_layers": 3})
    assert failures(model) == (
        "num_hidden_layers: 3, expected 2\nlayers: the weights have 2, config.json says 3"
    )


def test_only_pickled_weights(model: Model) -> None:
    for file in Path(model.source).glob("model*"):
        file.unlink()
    Path(model.source, "pytorch_model.bin").write_bytes(b"pickled")
    assert failures(model) == "weights: only pickled ones: pytorch_model.bin"


def test_an_adapter_for_another_base(model: Model) -> None:
    save_adapter(Path(model.adapters["poet"]), "lee/other", hidden=48)
    said = failures(model)
    assert f"adapter poet: made for 'lee/other', bound to '{model.source}'" in said
    assert "lora_A.weight has 48 where the base has 64" in said


def test_an_adapter_that_states_a_folder_of_its_trainer_only_warns(model: Model) -> None:
    save_adapter(Path(model.adapters["poet"]), "/home/kim/base")
    report = run(model)
    assert report.passed
    assert any("made for '/home/kim/base'" in each.found for each in report.findings)


def test_a_damaged_adapter(model: Model) -> None:
    Path(model.adapters["poet"], "adapter_config.json").unlink()
    assert "adapter poet: adapter_config.json is missing or damaged" in failures(model)
    save_adapter(Path(model.adapters["poet"]))
    file = Path(model.adapters["poet"], "adapter_model.safetensors")
    file.write_bytes(file.read_bytes()[:-1])
    assert "and its header describes" in failures(model)


def test_a_template_that_is_gone_or_refuses(model: Model) -> None:
    file = Path(model.source, "tokenizer_config.json")
    settings = json.loads(file.read_text("utf-8"))
    write_json(file, {**settings, "chat_template": "{{ raise_exception('no') }}"})
    assert "template 1: refused the messages: no" in failures(model)
    write_json(file, {key: settings[key] for key in settings if key != "chat_template"})
    assert "template 1: there is no chat template" in failures(model)


def test_a_special_token_with_another_id(model: Model) -> None:
    text = Path(model.source, "tokenizer.json").read_text("utf-8")
    Path(model.source, "tokenizer.json").write_text(text.replace("<|user|>", "<|human|>"), "utf-8")
    assert "id of <|user|>: None, expected 257" in failures(model)


def test_without_weights_or_with_a_damaged_index(model: Model) -> None:
    index = Path(model.source, "model.safetensors.index.json")
    index.write_text("{}", "utf-8")
    assert "model.safetensors.index.json cannot be read" in failures(model)
    for file in Path(model.source).glob("model*"):
        file.unlink()
    assert failures(model) == "weights: there are none"


def test_allowed_pickles_are_not_opened(model: Model) -> None:
    for file in Path(model.source).glob("model*"):
        file.unlink()
    Path(model.source, "pytorch_model.bin").write_bytes(b"pickled")
    report = run(load_model(model, "allow_pickle = true"))
    assert report.passed
    assert any("not opened to verify them" in each.found for each in report.findings)


def test_an_answer_that_is_empty_or_cannot_come_fails(model: Model) -> None:
    facts = Path(model.source).parent / "facts.toml"
    text = facts.read_text("utf-8")
    adapter = '[[questions]]\nkind = "completion"\nadapter = "kim/other"\ntext = "x"\n[sampling]'
    facts.write_text(text.replace("[sampling]", adapter), "utf-8")
    report = run(model, generate=True)
    assert report.passed
    assert report.findings[-1].found == "left out: kim/other is not among the adapters"
    facts.write_text(text + 'stop = ["!"]\n', "utf-8")
    report = run(model, generate=True)
    assert not report.passed
    assert report.findings[-1].found == "nothing came, finished by 'stop'"
    write_json(Path(model.source, "config.json"), {**CONFIG, "num_attention_heads": 3})
    last = run(model, generate=True).findings[-1]
    assert (last.state, last.what) == ("failure", "answer")
    assert "multiple of the number of attention heads" in last.found


def test_a_cut_file(model: Model) -> None:
    file = Path(model.source, SHARD)
    file.write_bytes(file.read_bytes()[:-7])
    assert "and its header describes" in failures(model)


def test_renamed_weights(model: Model) -> None:
    renamed = {
        name.replace("q_proj", "query"): shape for name, shape in checkpoint.tensors().items()
    }
    for name, data in sharded(renamed, 2).items():
        Path(model.source, name).write_bytes(data)
    said = failures(model)
    assert "tensor names: no model.layers.0.self_attn.q_proj.weight" in said
    assert "the base has no model.layers.0.self_attn.q_proj" in said


def test_a_tokenizer_with_more_ids_than_embeddings(model: Model) -> None:
    write_json(Path(model.source, "config.json"), {**CONFIG, "vocab_size": 200})
    said = failures(model)
    assert "ids: ids reach 258, the embeddings end at 199" in said
    assert "model.embed_tokens.weight: (264, 64), config.json says (200, 64)" in said


def test_another_rank(model: Model) -> None:
    file = Path(model.adapters["poet"], "adapter_config.json")
    write_json(file, {**json.loads(file.read_text("utf-8")), "r": 8, "target_modules": ["v_proj"]})
    assert failures(model) == (
        "adapter poet: rank: 8, expected 4\nadapter poet: targets: ['v_proj'], expected ['q_proj']"
    )


def test_missing_files_of_all_kinds(model: Model) -> None:
    Path(model.source, "config.json").write_text("{", "utf-8")
    Path(model.source, "tokenizer.json").unlink()
    Path(model.adapters["poet"], "adapter_model.safetensors").unlink()
    said = failures(model)
    assert "config.json: is missing or damaged" in said
    assert "tokenizer: " in said
    assert "adapter poet: adapter_model.safetensors is missing" in said


def test_a_guess_that_is_wrong_only_warns(model: Model) -> None:
    write_json(Path(model.source, "config.json"), {**CONFIG, "rope_theta": 5.0})
    report = run(model)
    assert report.passed
    (warning,) = [each for each in report.findings if each.state == "warning"]
    assert warning.what == "rope_theta"
    entry = verified("stand-in", model)
    assert entry is not None
    assert entry.warnings[0].startswith("rope_theta: 5.0, expected 10000.0")


def test_the_profile_mends_wrong_ids(model: Model) -> None:
    write_json(Path(model.source, "generation_config.json"), {"eos_token_id": 5})
    mended = load_model(model, "special_ids = { eos = [256] }")
    assert run(mended).passed


def test_remote_code_is_named_and_not_run(model: Model) -> None:
    config = {**CONFIG, "auto_map": {"AutoConfig": "evil.Config"}}
    write_json(Path(model.source, "config.json"), config)
    Path(model.source, "evil.py").write_text("raise SystemExit('ran')", "utf-8")
    report = run(model)
    assert report.passed
    assert any(each.what == "remote code" for each in report.findings)


@pytest.mark.parametrize("change", ["file", "table"])
def test_what_was_verified_no_longer_holds_after_a_change(model: Model, change: str) -> None:
    run(model)
    if change == "file":
        write_json(Path(model.source, "generation_config.json"), {"eos_token_id": 256, "x": 1})
    else:
        model = load_model(model, "special_ids = { pad = 256 }")
    assert verification("stand-in", model) == "not verified on real weights"


def test_a_failure_takes_an_older_success_away(model: Model) -> None:
    run(model)
    Path(model.source, SHARD).rename(Path(model.source, "away"))
    failures(model)
    Path(model.source, "away").rename(Path(model.source, SHARD))
    assert run(model).passed


def test_a_damaged_record_counts_as_none(model: Model) -> None:
    run(model)
    record_path().write_text("{", "utf-8")
    assert verified("stand-in", model) is None
    assert run(model).passed
    assert [file.name for file in record_path().parent.iterdir() if ".lock" not in file.name] == [
        "verified.json"
    ]


def test_without_facts_it_checks_what_any_model_must_have(model: Model) -> None:
    report = verify("stand-in", model)
    assert report.passed
    assert report.facts == ""
    assert "nothing known beforehand" in verification("stand-in", model)
    Path(model.source, SHARD).unlink()
    assert not verify("stand-in", model).passed


def test_what_is_not_here_cannot_be_verified() -> None:
    with pytest.raises(ModelNotLoaded, match="not on this machine") as caught:
        verify("gone", Model(source="kim/gone"))
    assert caught.value.hint.startswith("Fetch it: madang models pull gone")
    with pytest.raises(ModelNotLoaded, match="backend 'openai'"):
        verify("far", Model(backend="openai"))


def test_the_command_leaves_out_what_is_not_here(
    model: Model, capsys: Said, profile: Callable[[str], Path]
) -> None:
    gone = "[models.gone]\nsource = 'kim/gone'\n"
    here = f"[models.tiny]\nsource = '{model.source}'\n"
    assert main(["models", "verify", "--profile", str(profile(gone + here))]) == 0
    said = capsys.readouterr()
    assert "tiny: verified" in said.out
    assert "gone: not on this machine, left out" in said.err
    assert main(["models", "verify", "--profile", str(profile(gone))]) == 2
    assert "None of the profile's models" in capsys.readouterr().err


def test_a_restricted_model_answers_only_once_its_licence_is_accepted(
    model: Model, tmp_path: Path, capsys: Said, profile: Callable[[str], Path]
) -> None:
    table = f"[models.tiny]\nsource = '{model.source}'\nrestriction = 'non-commercial'\n"
    asked = ["models", "verify", "--generate", "--facts", str(tmp_path / "facts.toml")]
    assert main([*asked, "--profile", str(profile(table))]) == 2
    assert 'accept_licences = ["tiny"]' in capsys.readouterr().err
    assert main([*asked, "--profile", str(profile(f"accept_licences = ['tiny']\n{table}"))]) == 0
    assert "answer: !!!" in capsys.readouterr().out


@pytest.mark.parametrize("name", SEEDS)
def test_the_stand_in_tokenizers_are_what_the_facts_say(name: str, tmp_path: Path) -> None:
    facts = known_facts()[name]
    SEEDS[name].tokenizer().save_pretrained(tmp_path)
    vocabulary = int(facts.config["vocab_size"])
    found = list(check_tokenizer(name, tmp_path, Model(), vocabulary, facts))
    assert [each for each in found if each.state == "failure"] == []
    assert any("special tokens" in each.what for each in found)
    assert sum("template" in each.what for each in found) == len(facts.renderings)


def test_the_facts_and_the_profile_of_the_seeds_agree() -> None:
    models = load("seeds", {}).settings.models
    assert set(models) == set(known_facts())
    for name, model in models.items():
        facts = facts_for("", model)
        assert facts == known_facts()[name]
        assert set(model.adapters.values()) == set(facts.adapters)
        ids = model.special_ids
        assert sorted(ids.eos or ()) == sorted(facts.eos)
        assert facts.bos is None or ids.bos in (None, facts.bos)
        assert facts.pad is None or ids.pad in (None, facts.pad)
        assert model.context == facts.config["max_position_embeddings"]


def test_without_transformers_it_says_what_to_install(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingPackage, match="transformers"):
        run(model)


def test_the_facts_of_the_seeds_are_found_by_source_folder_and_name(tmp_path: Path) -> None:
    sources = {source for facts in known_facts().values() for source in facts.sources}
    assert len(known_facts()) == 5
    for source in sources:
        found = facts_for("x", Model(source=source))
        assert found is not None
        copy = Model(source=str(tmp_path / source.partition("/")[2]))
        assert facts_for("x", copy) == found
    pinned = facts_for("x", Model(source="EleutherAI/polyglot-ko-5.8b@main"))
    assert pinned == known_facts()["finance"]
    assert facts_for("assistant", Model(source="./any")) == known_facts()["assistant"]
    assert facts_for("assistant", Model(source="kim/other")) is None
    assert facts_for("x", Model(source="./any"), "assistant") == known_facts()["assistant"]
    with pytest.raises(ModelError, match="no facts called 'asistant'") as caught:
        facts_for("x", Model(source="./any"), "asistant")
    assert "assistant" in caught.value.hint


def test_the_command_prints_each_finding_and_its_verdict(
    model: Model, tmp_path: Path, capsys: Said, profile: Callable[[str], Path]
) -> None:
    file = profile(
        f"[models.tiny]\nsource = '{model.source}'\n[personas.assistant]\nmodel = 'tiny'\n"
    )
    asked = ["models", "verify", "--profile", str(file), "--facts", str(tmp_path / "facts.toml")]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "tiny, compared with a stand-in" in said
    assert "tiny: verified" in said
    assert main(["personas", "--profile", str(file), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (row,) = [each for each in rows if each["name"] == "assistant"]
    assert row["verified"].endswith("(files only)")
    Path(model.source, SHARD).unlink()
    capsys.readouterr()
    assert main([*asked, "--json"]) == 1
    (report,) = json.loads(capsys.readouterr().out)
    assert report["passed"] is False
    assert report["findings"]


def load_model(model: Model, line: str) -> Model:
    """Return a model as a profile with one more line would have it."""
    file = Path(model.source).parent / "more.toml"
    adapters = f"[models.x.adapters]\npoet = '{model.adapters['poet']}'\n"
    file.write_text(f"[models.x]\nsource = '{model.source}'\n{line}\n{adapters}", "utf-8")
    return load(file, {}).settings.models["x"]
