"""Which pairs the question generator keeps."""

import pytest

from madang.contract import Draft
from madang_qa_generator.judge import copies, judge_pair

TEXT = (
    "훈민정음은 세종대왕이 1443년에 만들고 1446년에 반포한 글자이다. "
    "백성이 쉽게 글을 읽고 쓰도록 하기 위해 만들었다."
)


def draft(raw: str, reason: str = "stop") -> Draft:
    """Make a draft of an answer to the text."""
    return Draft(raw=raw, reason="length" if reason == "length" else "stop", question=TEXT)


def test_a_good_pair_is_kept() -> None:
    verdict = judge_pair(draft("[[Q]] 훈민정음은 누가 만들었나요?\n[[A]] 세종대왕이 만들었습니다."))

    assert verdict.accepted
    assert verdict.why == ""


@pytest.mark.parametrize(
    ("raw", "reason", "why"),
    [
        ("[[Q]] 훈민정음은 누가 만들었나요? [[A]] 세종", "length", "token limit"),
        ("[[Q]] 훈민정음은 누가 만들었나요?", "stop", "[[A]] is missing"),
        (f"[[Q]] {TEXT} [[A]] 네.", "stop", "copies the text"),
    ],
)
def test_a_bad_draft_says_why(raw: str, reason: str, why: str) -> None:
    verdict = judge_pair(draft(raw, reason))

    assert not verdict.accepted
    assert why in verdict.why


@pytest.mark.parametrize(
    "question",
    [
        TEXT,
        "훈민정음은 세종대왕이 1443년에 만들고 1446년에 반포한 글자이다.",
        "훈민정음은 세종대왕이 1443년에 만들고, 1446년에 반포한 글자 이다",
        "훈민정음은 세종대왕이 1443년에 만들고 1446년에 반포한 글자입니다.",
        "다음을 설명하세요: 백성이 쉽게 글을 읽고 쓰도록 하기 위해 만들었다.",
        "백성이 쉽게 글을 읽고 쓰도록 하기 위하여 만들었다. 왜 그럴까요?",
    ],
)
def test_a_sentence_of_the_text_is_no_question(question: str) -> None:
    assert copies(question, TEXT)


@pytest.mark.parametrize(
    "question",
    [
        "훈민정음은 누가 언제 만든 글자인가?",
        "세종대왕이 훈민정음을 만든 까닭은 무엇인가요?",
        "1443년에 만들고 1446년에 반포한 글자는 무엇인가?",
    ],
)
def test_a_question_of_its_own_is_one(question: str) -> None:
    assert not copies(question, TEXT)


def test_a_heading_or_a_short_sentence_may_be_named() -> None:
    text = "현존하는 가장 오래된 금속활자본 직지\n직지는 책이다.\n1377년에 찍었다."

    assert not copies("현존하는 가장 오래된 금속활자본 직지는 언제 찍었나요?", text)
    assert not copies("'직지는 책이다.'라고 할 수 있는 까닭은?", text)
    assert copies("직지는 책이다!", text)
    assert not copies("언제 찍었나요?", "")
