"""Every way a `persona.toml` can be wrong, and what its author is told."""

from pathlib import Path

import pytest

from madang.contract import ACCEPT, Draft, Verdict
from madang.errors import PersonaError, TemplateError
from madang.persona import PersonaFolder

TEXT = """
[text.ko]
title = "정원사"
description = ""
greeting = ""
samples = []
"""
GOOD = f"""
name = "gardener"
[options]
season = "봄"
{TEXT}
[forms.seed]
"""


def shout(raw: str, final: bool) -> str:
    """Be some polish."""
    return raw.upper()


def agree(draft: Draft) -> Verdict:
    """Be some judge."""
    return ACCEPT


def load(path: Path, toml: str) -> PersonaFolder:
    """Read a persona from text."""
    (path / "persona.toml").write_text(toml, "utf-8")
    folder = PersonaFolder(path, polish={"shout": shout}, judges={"agree": agree})
    folder.current()
    return folder


def test_the_smallest_form_is_a_plain_chat(tmp_path: Path) -> None:
    form = load(tmp_path, GOOD).current().forms["seed"]

    assert (form.kind, form.history, form.attempts, form.judge) == ("chat", "none", 1, None)
    assert form.template.question == "{question}"


def test_a_form_may_strip_its_prompt(tmp_path: Path) -> None:
    assert not load(tmp_path, GOOD).current().forms["seed"].strip
    folder = tmp_path / "stripped"
    folder.mkdir()
    assert load(folder, GOOD + "strip = true").current().forms["seed"].strip


def test_a_form_may_be_bulk_work(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).current().forms["seed"].request_class == "interactive"
    folder = tmp_path / "bulk"
    folder.mkdir()
    form = load(folder, GOOD + 'request_class = "bulk"').current().forms["seed"]
    assert form.request_class == "bulk"


def test_a_persona_may_have_a_picture(tmp_path: Path) -> None:
    address = "https://example.org/gardener.png?size=256"
    assert load(tmp_path, f'avatar = "{address}"\n{GOOD}').current().avatar == address
    folder = tmp_path / "without"
    folder.mkdir()
    assert load(folder, GOOD).current().avatar == ""


def test_python_steps_and_judges_are_found_by_name(tmp_path: Path) -> None:
    toml = GOOD + 'polish = ["strip", "shout"]\njudge = "agree"\nattempts = 3'

    form = load(tmp_path, toml).current().forms["seed"]

    assert form.polished(" hi ", final=True) == "HI"
    assert form.judge is agree
    assert form.attempts == 3


BAD = {
    "broken": ('name = "a"\nforms = [', r"persona\.toml:2:10: ", "Look at: forms = ["),
    "broken midway": ('name = "a"\ntitle: "b"', r"persona\.toml:2:6: .*'='", 'Look at: title: "b"'),
    "twice": ('name = "a"\nname = "b"', r"persona\.toml:2:\d+: .*overwrite", 'Look at: name = "b"'),
    "unknown top key": ('nam = "a"', "nam: unknown key", "Did you mean 'name'?"),
    "unknown form key": (GOOD + "histroy = 1", r"forms\.seed\.histroy: unknown", "'history'"),
    "unknown text key": (
        'name = "a"\n[text.ko]\ntitel = "b"',
        r"text\.ko\.titel: unknown key",
        "Did you mean 'title'?",
    ),
    "unknown sampling key": (
        GOOD + "[forms.seed.sampling]\ntemprature = 1",
        r"forms\.seed\.sampling\.temprature: unknown",
        "'temperature'",
    ),
    "no name": (TEXT + "[forms.seed]", "name: is missing", "Add name."),
    "no text": ('name = "a"\n[forms.seed]', "text: is missing", "Add text."),
    "no forms": ('name = "a"' + TEXT, "forms: is missing", "Add forms."),
    "empty text": ('name = "a"\n[text]\n[forms.seed]', "text: is empty", "[text.NAME]"),
    "empty forms": ('name = "a"\n[forms]' + TEXT, "forms: is empty", "[forms.NAME]"),
    "no title": (
        'name = "a"\n[text.ko]\ngreeting = "b"',
        r"text\.ko\.title: is missing",
        "Add title to [text.ko].",
    ),
    "name of another type": ("name = 3", "name: expected string, got integer", ""),
    "form of another type": (
        'name = "a"\nforms = {seed = 1}',
        r"forms\.seed: expected table, got integer",
        "",
    ),
    "list item": (GOOD + "polish = [1]", r"forms\.seed\.polish: .*\(item 1\)", ""),
    "option": ('name = "a"\n[options]\nb = 1', r"options\.b: expected string", ""),
    "kind": (GOOD + 'kind = "chta"', r"forms\.seed\.kind: .*'chta'", "'chat', 'completion'"),
    "history word": (GOOD + 'history = "some"', r"forms\.seed\.history: .*'some'", "'own', 'all'"),
    "history number": (GOOD + "history = -1", r"forms\.seed\.history: .*>= 0", ""),
    "attempts": (GOOD + "attempts = 0", r"forms\.seed\.attempts: .*>= 1", ""),
    "polish": (GOOD + 'polish = ["shuot"]', r"forms\.seed\.polish: .*'shuot'", "'shout'"),
    "judge": (GOOD + 'judge = "agre"', r"forms\.seed\.judge: .*'agre'", "'agree'"),
    "empty marker": (GOOD + 'cut_at = ["a", ""]', r"cut_at: .*length >= 1 \(item 2\)", ""),
    "persona name": ('name = "a:b"\n[forms.seed]' + TEXT, "'a:b' cannot be a name", "letters"),
    "form name": (
        'name = "a"\n[forms."b c"]' + TEXT,
        r'forms\."b c": .*cannot be a name',
        "letters",
    ),
    "option name": (
        'name = "a"\n[options]\nquestion = ""\n[forms.seed]' + TEXT,
        r"options\.question: .*cannot be a name",
        "taken",
    ),
    "plain picture": (
        f'avatar = "http://example.org/a.png"\n{GOOD}',
        r"persona\.toml: avatar: .*is no https address",
        "anybody can fetch",
    ),
    "picture of a folder": (f'avatar = "face.png"\n{GOOD}', "avatar: 'face.png' is no", "https"),
    "both places": (
        GOOD + 'head = ""\nhead_file = "b"',
        r"forms\.seed\.head: head_file is given too",
        "",
    ),
    "no file of that kind": (GOOD + 'head_file = "b.md"', "no such file", "holds no .md file"),
    "no file": (GOOD + 'head_file = "b.toml"', r"b\.toml: there is no such file", "persona.toml"),
    "null character": (GOOD + 'head_file = "b\\u0000"', "cannot be read", ""),
    "outside": (GOOD + 'head_file = "../b.txt"', "outside", "Move"),
    "outside by root": (GOOD + 'head_file = "/b.txt"', "outside", "Move"),
    "sampling range": (
        GOOD + "[forms.seed.sampling]\ntop_p = 0",
        r"forms\.seed\.sampling\.top_p: expected float > 0",
        "",
    ),
    "sampling type": (
        GOOD + '[forms.seed.sampling]\ntop_k = "a"',
        r"forms\.seed\.sampling\.top_k: expected integer",
        "",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_told_with_file_key_and_next_step(tmp_path: Path, case: str) -> None:
    toml, message, hint = BAD[case]

    with pytest.raises(PersonaError, match=message) as caught:
        load(tmp_path, toml)

    assert str(tmp_path) in caught.value.message
    assert hint in caught.value.hint


BAD_FRAMES = {
    "unknown value": ('head = "{seson}"', "nobody gives '{seson}'", "Did you mean 'season'?"),
    "question in the head": ('head = "{question}"', "nobody gives '{question}'", "season"),
    "answer in the question": ('question = "{question}{answer}"', "'{answer}'", "question"),
    "no question": ('question = "hello"', "'{question}' is missing", "Put {question}"),
    "no answer": ('past_answer = "hello"', "'{answer}' is missing", "Put {answer}"),
    "open brace": ('question = "{question} {"', "line 1, column 12", "'{{'"),
    "attribute": ('head = "{season.x}"', "not a plain name", "{{"),
}


@pytest.mark.parametrize("case", BAD_FRAMES)
def test_a_bad_frame_is_told_with_its_key(tmp_path: Path, case: str) -> None:
    line, message, hint = BAD_FRAMES[case]

    with pytest.raises(TemplateError) as caught:
        load(tmp_path, GOOD + line)

    assert message in caught.value.message
    assert f": forms.seed.{line.split()[0]}: " in caught.value.message
    assert hint in caught.value.hint


def test_a_bad_frame_in_a_file_is_told_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "seed.txt").write_text("물음:\n  {qestion}\n", "utf-8")

    with pytest.raises(TemplateError, match=r"seed\.txt: line 2, column 3") as caught:
        load(tmp_path, GOOD + 'question_file = "seed.txt"')

    assert caught.value.hint.startswith("Did you mean 'question'?")
