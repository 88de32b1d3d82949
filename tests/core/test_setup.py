"""What start-up finds in a profile, good or bad."""

from dataclasses import replace
from pathlib import Path

import pytest

from madang.contract import Capabilities, Model, Place, Sampling
from madang.errors import PluginNotFound, UnsupportedParameter
from madang.setup import Setup, check_capabilities, dropped_by, prepare
from madang.testing import EchoBackend, open_chat

ECHO = """\
persona = "assistant"
[models.echo]
backend = "echo"
[models.other]
backend = "echo"
[defaults]
model = "echo"
"""


def setup_of(tmp_path: Path, more: str = "") -> Setup:
    path = tmp_path / "test.toml"
    path.write_text(ECHO + more, "utf-8")
    return prepare(path, {})


class Narrow(EchoBackend):
    """Honour nothing but the length, and completions only."""

    @property
    def capabilities(self) -> Capabilities:
        """Declare little."""
        return Capabilities(sampling=frozenset({"max_new_tokens"}), kinds=frozenset({"completion"}))


def test_an_unknown_backend_is_named(tmp_path: Path) -> None:
    more = "[models.odd]\nbackend = 'ecco'\n[personas.assistant]\nmodel = 'odd'\n"
    setup = setup_of(tmp_path, more)
    assert any("ecco" in complaint for complaint in setup.complaints)
    with pytest.raises(PluginNotFound, match="ecco") as caught:
        setup.backends()
    assert "echo" in caught.value.hint


def test_a_broken_model_stops_only_those_who_need_it(tmp_path: Path) -> None:
    setup = setup_of(tmp_path, "[models.odd]\nbackend = 'ecco'\n")
    assert set(setup.backends()) == {"echo", "other"}


def test_a_wrong_form_in_a_mode_is_told_and_stops_nothing(tmp_path: Path) -> None:
    setup = setup_of(tmp_path, "[personas.assistant.modes.x]\nform = 'nope'\n")
    assert setup.backends()
    assert any("nope" in complaint for complaint in setup.complaints)


@pytest.mark.parametrize(
    ("reference", "what"), [("assistant", "temperature"), ("slang_friend", "chat prompt")]
)
def test_what_a_backend_cannot_honour_is_refused(tmp_path: Path, reference: str, what: str) -> None:
    bound = setup_of(tmp_path).binder.bind(reference, Place("test"))
    with pytest.raises(UnsupportedParameter, match=what):
        check_capabilities(bound, Narrow("narrow", Model()))


def test_the_refusal_says_which_value_asks_for_nothing(tmp_path: Path) -> None:
    bound = setup_of(tmp_path).binder.bind("assistant", Place("test"))
    with pytest.raises(UnsupportedParameter) as caught:
        check_capabilities(bound, Narrow("narrow", Model()))
    assert "Set temperature = 0" in caught.value.hint
    assert "[personas.assistant.sampling]" in caught.value.hint


def test_what_the_worker_counts_is_not_asked_of_a_backend(tmp_path: Path) -> None:
    form = setup_of(tmp_path).binder.bind("culture_qa", Place("test")).form
    completion = replace(form, kind="completion")
    narrow = Narrow("narrow", Model())
    assert dropped_by(completion, Sampling(max_length=9), "", narrow) == ""
    assert dropped_by(completion, Sampling(max_length=9, top_k=9), "", narrow) == "top_k"


async def test_a_persona_may_move_to_another_model_live(tmp_path: Path) -> None:
    setup_of(tmp_path)
    profile = tmp_path / "test.toml"
    async with open_chat(profile) as chat:
        assert (await chat.ask("하나")).text == "하나"
        with profile.open("a", encoding="utf-8") as file:
            file.write("[personas.assistant]\nmodel = 'other'\n")
        assert (await chat.ask("둘")).text == "둘"


async def test_a_switched_off_persona_may_come_back_live(tmp_path: Path) -> None:
    setup_of(tmp_path, "[personas.assistant]\nenabled = false\nmodel = 'other'\n")
    profile = tmp_path / "test.toml"
    async with open_chat(profile) as chat:
        profile.write_text(profile.read_text("utf-8").replace("false", "true"), "utf-8")
        assert (await chat.ask("하나")).text == "하나"
