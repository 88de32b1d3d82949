"""Frames: parsing, checking and filling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.contract import Part
from madang.errors import TemplateError
from madang.persona.template import check, drop_newline, fill


def text(parts: tuple[Part, ...]) -> str:
    """Join parts."""
    return "".join(part.text for part in parts)


def test_only_values_of_people_are_quoted() -> None:
    values = {"tone": Part("짧게"), "question": Part("왜?", True)}

    parts = fill("{tone} 답해: {question} {{끝}}", values)

    assert parts == (Part("짧게 답해: "), Part("왜?", True), Part(" {끝}"))


def test_a_value_is_never_read_as_a_frame() -> None:
    parts = fill("{question}", {"question": Part("{tone} {{ }", True), "tone": Part("x")})

    assert parts == (Part("{tone} {{ }", True),)


def test_empty_parts_are_left_out() -> None:
    assert fill("", {}) == ()
    assert fill("{tone}", {"tone": Part("")}) == ()


def test_a_value_that_nobody_gives_is_named() -> None:
    with pytest.raises(TemplateError, match=r"Nobody gives '\{tone\}'"):
        fill("{tone}", {"ton": Part("")})


@pytest.mark.parametrize("frame", ["{", "}", "a}b", "{a", "{{a}", "{}", "{ a }", "{a!r}", "{a:>3}"])
def test_anything_but_a_plain_name_is_refused(frame: str) -> None:
    with pytest.raises(TemplateError, match=r"here: line 1, column \d"):
        check(frame, where="here", known={"a"})


def test_only_one_line_end_of_a_file_is_dropped() -> None:
    assert drop_newline("a\n\n") == "a\n"
    assert drop_newline("a") == "a"


@given(st.text())
def test_escaped_text_comes_out_as_it_was(said: str) -> None:
    frame = said.replace("{", "{{").replace("}", "}}")

    assert text(fill(frame, {})) == said


@given(st.text(), st.text(), st.text())
def test_a_question_comes_through_whatever_it_holds(before: str, said: str, after: str) -> None:
    frame = "{a}{question}{b}"
    values = {"a": Part(before), "question": Part(said, True), "b": Part(after)}

    parts = fill(frame, values)

    assert text(parts) == before + said + after
    assert "".join(part.text for part in parts if part.quoted) == said


@given(st.text(alphabet="{}ab \n"))
def test_a_frame_is_either_refused_or_filled(frame: str) -> None:
    values = {name: Part("x") for name in ("a", "b", "ab", "ba")}
    try:
        check(frame, where="here", known=values)
    except TemplateError:
        return
    assert "{{" not in text(fill(frame.replace("{{", "").replace("}}", ""), values))
