"""From a form and what was said to a prompt."""

from pathlib import Path

import pytest

from madang.contract import Exchange, Form, HistoryRule, Part, Template
from madang.errors import TemplateError
from madang.persona import PersonaFolder, render
from madang.persona.render import recent

PAST = [
    Exchange(turn="t1", question="장미는?", answer=" 봄에 심어요."),
    Exchange(turn="t2", question="국화는?", answer="가을에 심어요."),
    Exchange(turn="t3", question="튤립은?", answer="역시 가을이요."),
]
GARDENER = PersonaFolder(Path(__file__).parent / "data" / "gardener").current()


def test_a_chat_is_head_turns_and_tail() -> None:
    prompt = render(
        GARDENER.forms["general"],
        options={"season": "겨울"},
        exchanges=PAST,
        question="무궁화는?",
        turn="t4",
    )

    assert prompt.kind == "chat"
    assert [(each.kind, each.role, each.turn, each.text) for each in prompt.segments] == [
        ("head", "system", "", "당신은 겨울의 정원사입니다. {웃으며} 답하세요."),
        ("turn", "user", "t2", "국화는?"),
        ("turn", "assistant", "t2", "가을에 심어요."),
        ("turn", "user", "t3", "튤립은?"),
        ("turn", "assistant", "t3", "역시 가을이요."),
        ("tail", "user", "t4", "무궁화는?"),
    ]


def test_a_completion_is_one_text() -> None:
    prompt = render(
        GARDENER.forms["seed"], options=GARDENER.options, exchanges=PAST[:1], question="무궁화는?"
    )

    assert prompt.kind == "completion"
    assert prompt.text == "물음(봄): 장미는?\n대답: 봄에 심어요.\n물음(봄): 무궁화는?\n대답:"
    assert [segment.kind for segment in prompt.segments] == ["turn", "turn", "tail"]


def test_what_people_and_models_wrote_is_quoted() -> None:
    form = Form(name="f", kind="chat", template=Template(question="Q {question}"), history="all")

    prompt = render(form, options={}, exchanges=PAST[:1], question="{x}", prefix="그래서")

    assert [segment.parts for segment in prompt.segments] == [
        (Part("장미는?", True),),
        (Part(" 봄에 심어요.", True),),
        (Part("Q "), Part("{x}", True)),
        (Part("그래서", True),),
    ]


def test_an_unfinished_answer_is_continued_as_the_assistants() -> None:
    prompt = render(
        GARDENER.forms["seed"],
        options=GARDENER.options,
        exchanges=[],
        question="무궁화는?",
        turn="t4",
        prefix=" 여름에",
    )

    last = prompt.segments[-1]
    assert (last.kind, last.role, last.turn) == ("tail", "assistant", "t4")
    assert prompt.text == "물음(봄): 무궁화는?\n대답: 여름에"


@pytest.mark.parametrize(
    ("rule", "kept"), [("none", []), (0, []), (1, PAST[2:]), (5, PAST), ("all", PAST)]
)
def test_the_history_rule_says_what_is_kept(rule: HistoryRule, kept: list[Exchange]) -> None:
    assert list(recent(PAST, rule)) == kept


def test_a_form_may_strip_the_whole_prompt() -> None:
    for strip in (False, True):
        form = Form(name="plain", kind="chat", template=Template(), strip=strip)
        assert render(form, options={}, exchanges=(), question="왜?").stripped is strip


def test_an_option_that_is_not_given_is_named() -> None:
    with pytest.raises(TemplateError, match=r"'\{season\}'"):
        render(GARDENER.forms["seed"], options={}, exchanges=[], question="?")
