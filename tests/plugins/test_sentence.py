"""Where the finance adviser's answers end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang_finance_advisor.sentence import sentence_end


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        # the last sentence is cut
        ("금리가 오릅니다. 그래서 대", "금리가 오릅니다."),
        ("정말요? 그렇습", "정말요?"),
        ("좋아요! 그", "좋아요!"),
        ("오릅니다.그래서 대", "오릅니다."),
        ("利率上升。然", "利率上升。"),
        ("정말이요?! 그", "정말이요?!"),
        # a finished one stays
        ("금리가 오릅니다.", "금리가 오릅니다."),
        ("오릅니다. 내립니다.", "오릅니다. 내립니다."),
        # nothing to go by: all of it
        ("금리가 오르면 대출", "금리가 오르면 대출"),
        ("", ""),
        ("3.5", "3.5"),
        # decimals, also one that was cut after its point
        ("금리는 낮다. 현재 3.5% 수준", "금리는 낮다."),
        ("금리는 낮다. 현재 3.", "금리는 낮다."),
        ("금리는 3.5%입니다. 그", "금리는 3.5%입니다."),
        # dates
        ("인상했다. 시행은 2024. 3. 1. 부터", "인상했다."),
        ("인상했다. 시행은 2024.3.1", "인상했다."),
        ("2024. 3. 1. 인상했다. 그", "2024. 3. 1. 인상했다."),
        # numbering
        ("두 가지입니다.\n1. 예금", "두 가지입니다."),
        ("두 가지입니다. 1. 예금 2. 적금", "두 가지입니다."),
        ("두 가지입니다.\n1.", "두 가지입니다."),
        ("두 가지입니다.\n가. 예금", "두 가지입니다."),
        ("두 가지입니다.\n1. 예금입니다.\n2. 적", "두 가지입니다.\n1. 예금입니다."),
        # the lines of a list are whole when another follows
        ("세 가지입니다.\n1. 예금\n2. 적금\n3. 채", "세 가지입니다.\n1. 예금\n2. 적금"),
        ("세 가지입니다.\n- 예금\n- 적", "세 가지입니다.\n- 예금"),
        # quotations and brackets
        ('"오릅니다." 그리고', '"오릅니다."'),
        ("(오릅니다.) 그리고", "(오릅니다.)"),
        ("“오릅니다.” 그리고", "“오릅니다.”"),
        ("「오릅니다.」\n그리고", "「오릅니다.」"),
        ("**오릅니다.** 그리고", "**오릅니다.**"),
        ("그렇다. '오른다.'라고 말했", "그렇다."),
        # addresses and abbreviations
        ("그렇다. www.bok.or.kr 참", "그렇다."),
        ("그렇다. a.kr/find?q=1 참", "그렇다."),
        ("그렇다. U.S. 달러", "그렇다."),
        ("그렇다. Apple Inc. 주식", "그렇다."),
        ("한국의 GDP. 그", "한국의 GDP."),
        # a pause is no end, unless the line ends there
        ("그렇다. 음... 그러니까", "그렇다."),
        ("그렇다. 음… 그러니까", "그렇다."),
        ("그렇다. 글쎄요…", "그렇다. 글쎄요…"),
        ("그렇다. 글쎄요...\n그", "그렇다. 글쎄요..."),
    ],
)
def test_an_answer_ends_where_a_sentence_ends(raw: str, shown: str) -> None:
    assert sentence_end(raw, True) == shown


TEXT = st.text(st.sampled_from('가다요a1 .?!。…\n)"”-*'))


@given(TEXT)
def test_unfinished_text_is_shown_and_only_its_tail_goes(raw: str) -> None:
    final = sentence_end(raw, True)

    assert sentence_end(raw, False) == raw
    assert raw.startswith(final)
    for end in range(len(raw) + 1):
        shown = sentence_end(raw[:end], False)
        assert final.startswith(shown) or shown.startswith(final)


@given(TEXT)
def test_what_was_cut_is_not_cut_again(raw: str) -> None:
    final = sentence_end(raw, True)

    assert sentence_end(final, True) in (final, final.rstrip())


@given(TEXT)
def test_something_is_always_left(raw: str) -> None:
    assert bool(sentence_end(raw, True)) == bool(raw)


def test_a_long_text_of_points_takes_no_time() -> None:
    assert sentence_end("a.a." * 50_000, True).startswith("a.a.")
