"""The marker lines that a form writes, told from ordinary text."""

import pytest

from madang.contract import Part, Prompt, PromptKind, Segment
from madang.inference.markers import form_markers


def markers(text: str, kind: PromptKind = "completion", *, quoted: bool = False) -> tuple[str, ...]:
    segment = Segment(kind="tail", role="user", parts=(Part(text, quoted),))
    return form_markers(Prompt(kind, (segment,)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("### 질문: ", ("### 질문:",)),
        ("\n\n### 답변:", ("### 답변:",)),
        ("### Question:\n", ("### Question:",)),
        ("[[Q]] 지시문\n[[A]] 답변", ("[[Q]]", "[[A]]")),
        ("하나\n**답변 형식**\n둘", ("**답변 형식**",)),
        (" 답변:", ("\n답변:",)),
        ("User: ", ("\nUser:",)),
        ("### 제목\n본문은 **굵게** 쓴다", ()),
        ("한 줄이 서른 글자를 훌쩍 넘도록 길게 이어지는 안내문은 표식이 아니라 그저 글이다: ", ()),
        ("---\n", ()),
        ("", ()),
    ],
)
def test_what_a_form_writes(text: str, found: tuple[str, ...]) -> None:
    assert markers(text) == found


def test_what_people_write_is_no_marker() -> None:
    assert markers("### 질문: 하나\n답변: 둘", quoted=True) == ()


def test_a_chat_has_its_template_for_the_roles() -> None:
    assert markers("User: ### 질문:", "chat") == ("### 질문:",)
