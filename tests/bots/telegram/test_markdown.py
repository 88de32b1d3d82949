"""Markdown as models write it becomes text with styles, at every moment of it."""

from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from madang.testing.telegram.entities import read, style
from madang_telegram.markdown import converted
from madang_telegram.parts import SPANS, UNITS, parts
from madang_telegram.styled import Span, Styled
from madang_telegram.unfinished import ended, mended

PAGE = """# 제목 **굵게**
안녕 **"말(speech)"**은 *기울임* ~~취소~~ `code **x**` 2**3 3*4*5

- 하나 **굵은 `코드` 글**
- 둘 [링크](https://a.b/c)
  - 셋 ***둘 다*** 뒤

3. 셋

> 인용 **a**
> 둘

| 이름 | 값 |
|---|---|
| 가 | 1 |

```python
def f():
    return "**"
```
끝 😀 **굵은 `코드` 글**"""


def styled(source: str, kind: str) -> list[str]:
    """List the parts of a text that have a style."""
    made = converted(source)
    return [made.text[span.start : span.end] for span in made.spans if span.kind == kind]


def prose(made: Styled) -> str:
    """Return a text without its code."""
    code = [span for span in made.spans if span.kind in ("code", "pre")]
    inside = {at for span in code for at in range(span.start, span.end)}
    return "".join(each for at, each in enumerate(made.text) if at not in inside)


def accepted(made: Styled) -> None:
    """Have the stand-in check the entities as the service does."""
    kept = style(made.text, read([each.to_dict() for each in made.entities()]))
    assert kept.dropped == ()


@pytest.mark.parametrize(
    ("source", "text", "bold"),
    [
        ('**"말"**은', '"말"은', ['"말"']),
        ("**강조(설명)**을", "강조(설명)을", ["강조(설명)"]),
        ("2**3**4", "2**3**4", []),
        ("3 * 4 * 5", "3 * 4 * 5", []),
        ("snake_case_name", "snake_case_name", []),
        ("# 제목", "제목", ["제목"]),
        ("a\nb\n\nc", "a\nb\n\nc", []),
        ("[이름]: 값", "[이름]: 값", []),
        ("    들여쓴 글", "들여쓴 글", []),
        ("글\n---", "글\n———", []),
        ("[글](상대)", "글 (상대)", []),
        ("<b>꺾쇠</b> &", "<b>꺾쇠</b> &", []),
    ],
)
def test_what_is_written_is_read(source: str, text: str, bold: list[str]) -> None:
    assert converted(source).text == text
    assert styled(source, "bold") == bold


@pytest.mark.parametrize(
    "source",
    [
        "1446.",
        "2024. 5. 3.",
        "-",
        "1)",
        "2024. 5. 3. 서울에서 만나요",
        "정답은\n\n42.",
        "한글날은\n\n1446. 10. 9.",
        "2024. 5. 3. 가요\n2024. 5. 4. 와요",
        "5. 다섯\n7. 일곱\n7. 일곱",
        "1. 하나\n2.\n3. 셋\n\n끝",
        "007. 본드",
        "1) 하나\n2) 둘",
    ],
)
def test_numbers_and_dates_stay_as_they_were_written(source: str) -> None:
    assert converted(source).text == source


def test_lists_in_lists_share_a_line_or_stand_below() -> None:
    assert converted("- 1. 하나").text == "• 1. 하나"
    assert converted("- 하나\n  1. 둘\n- 셋").text == "• 하나\n  1. 둘\n• 셋"
    assert converted("- 하나\n-\n- 셋").text == "• 하나\n•\n• 셋"
    assert styled("> 1919. 3. 1.", "blockquote") == ["1919. 3. 1."]


def test_a_table_keeps_its_links_and_cells_beyond_its_head() -> None:
    made = converted("| 이름 | 곳 |\n|---|---|\n| **위키** | [여기](https://a.b) | 나머지 | \\|")
    assert made.text.endswith("위키 | 여기 (https://a.b) | 나머지 | |")
    assert [span.kind for span in made.spans] == ["pre"]


@pytest.mark.parametrize("mark", ["> ", "- ", "1. ", "- > "])
def test_blocks_in_many_others_lose_no_text(mark: str) -> None:
    for depth in (10, 25, 60, 2000):
        assert converted(mark * depth + "글").text.endswith("글")


def test_words_behind_a_fence_are_part_of_the_code() -> None:
    assert converted("```안녕하세요").text == "안녕하세요"
    assert converted("~~~~말\n글\n~~~~").text == "말\n글"
    assert converted("```py 말\n글\n```").spans == (Span("pre", 0, 3, language="py"),)


def test_code_keeps_every_character_and_its_language() -> None:
    made = converted("앞\n```py\n  a = '**'\n```")
    assert made.text == "앞\n  a = '**'"
    assert made.spans == (Span("pre", 2, 12, language="py"),)


def test_no_moment_of_a_page_shows_half_a_mark() -> None:
    for end in range(len(PAGE) + 1):
        made = converted(mended(PAGE[:end]))
        accepted(made)
        shown = prose(made).replace("2**3", "")
        assert not any(mark in shown for mark in ("**", "`", "~~", "](")), (end, made.text)


def test_what_a_cut_answer_left_open_is_closed() -> None:
    assert converted(ended("이건 **아주 굵")).text == "이건 아주 굵"
    assert converted(ended("```py\na = 1")).spans[0].kind == "pre"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("이건 **아주 굵", "이건 아주 굵"),
        ('**"말"**은 **열', '"말"은 열'),
        ("_기울", "기울"),
        ("__굵은 *둘", "굵은 둘"),
        ("~~취소", "취소"),
        ("`코드", "코드"),
        ("``a ` b", "a ` b"),
        ("**[`코드`](https://a.b/c_(", "코드"),
        ('[글](https://a.b "제', "글"),
        ("![그림](https://a", "그림"),
        ("> 인용 **굵\n> 은", "인용 굵\n은"),
        ("- 하나\n- **둘", "• 하나\n• 둘"),
        ("- 하나\n-", "• 하나"),
        ("글\n--", "글"),
        ("## **제목", "제목"),
        ("글\n\n| 이름 | 값", "글"),
        ("글\n| 이름 | 값 |\n|--", "글"),
        ("- 글\n\n  ```py\n  a\n  ``", "• 글\n\na"),
        ("1. 글\n\n    ~~~\n    a\n    ~~", "1. 글\n\na"),
        ("**", ""),
    ],
)
def test_what_is_being_written_shows_no_half_mark(source: str, text: str) -> None:
    assert converted(mended(source)).text == text


def test_a_name_with_an_underscore_stays_where_nothing_was_cut() -> None:
    assert converted(ended("이름은 _private 이에요")).text == "이름은 _private 이에요"
    assert converted(ended("이건 _아주", cut=True)).text == "이건 아주"
    assert converted(ended("이건 `코", cut=True)).text == "이건 코"
    assert converted(ended("이건 **", cut=True)).text == "이건"
    assert converted(ended("안녕! 반가워!", cut=True)).text == "안녕! 반가워!"


WORDS = st.sampled_from(["말", "speech", "글은", "3", "😀", '"말"', "강조(설명)", "끝.", "f(x)"])
PARTICLES = st.sampled_from(["", "은", "에서", "!", ".", ","])
CODE = st.builds("`{}`{}".format, st.sampled_from(["a*b", "**k**", "f(x)", "_a_"]), PARTICLES)
FLAT = st.lists(WORDS | CODE, min_size=1, max_size=2).map(" ".join)
INNER = st.one_of(
    FLAT,
    st.builds(
        str.format,
        st.sampled_from(["앞 _{}_ 뒤", "글 ~~{}~~", "말 *{}*은", "[{}](https://a.b/c_(d))은"]),
        FLAT,
    ),
)
STYLED = st.one_of(
    FLAT,
    st.builds(
        str.format,
        st.sampled_from(["**{}**{}", "*{}*{}", "_{}_", "__{}__", "~~{}~~{}", "[{}](http://a.b){}"]),
        INNER,
        PARTICLES,
    ),
)
LINES = st.lists(STYLED, min_size=1, max_size=3).map(" ".join)
PAGES = st.lists(
    st.one_of(
        st.builds(
            str.format,
            st.sampled_from(["{}", "- {}\n  - {}", "1. {}", "## {}", "> {}\n> {}", "{}\n{}"]),
            LINES,
            LINES,
        ),
        st.sampled_from(["```py\na = '**'\n```", "---", "| a | **b** |\n|---|---|\n| 1 | `2` |"]),
    ),
    min_size=1,
    max_size=3,
).map("\n\n".join)


@settings(max_examples=60)
@given(PAGES)
def test_no_moment_shows_a_mark_that_the_whole_does_not_show(page: str) -> None:
    assume(not any(mark in prose(converted(ended(page))) for mark in "*_~`[]|"))
    for end in range(len(page) + 1):
        shown = prose(converted(mended(page[:end])))
        assert not any(mark in shown for mark in "*_~`[]|"), (page[:end], shown)


PIECES = st.sampled_from(
    ["*", "**", "***", "_", "__", "~~", "`", "```", "~~~", "\n", "\n\n", "\n- ", "\n1. ", "\n> ",
     "\n# ", "\n  - ", "\n   1. ", "\n\n    ", "\n```py\n", "\n```\n", "[", "](https://a.b)",
     "![", "\\", " ", "  \n", "말", "글이", "가", "은", "a", "😀", "<b>", "&", "!", "(", ")", "3",
     "\n---\n", "* ", "#태그", "\u200b", "\u3000", "\r\n", ". ", '"말"', "$x$", "|", "\n|-|\n"]
)  # fmt: skip


def letters(text: str) -> Counter[str]:
    """Count what may not be lost."""
    return Counter(each for each in text if "가" <= each <= "힣" or each in "😀3")


@settings(max_examples=200)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_letter_or_number_is_lost_or_doubled(source: str) -> None:
    made = converted(source)
    assert letters(made.text) == letters(source)
    assert sum(map(letters, (part.text for part in parts(made))), Counter()) == letters(source)
    # A table is shown only once its second line is there.
    for end in range(0, 0 if "|" in source else len(source), 5):
        assert letters(converted(mended(source[:end])).text) == letters(source[:end])


MARKS = st.sampled_from(
    ["*", "**", "_", "~~", "`", "```", "\n", "\n\n", "- ", "1. ", "> ", "# ", "[", "](", ")", "!",
     "|", "---", "\\", " ", "말", "a", "😀", "<b>", "&amp;", "\t", "\x00", "\ud800", "    "]
)  # fmt: skip


@given(st.lists(MARKS, max_size=40).map("".join))
def test_every_oddity_gives_something_that_telegram_takes(source: str) -> None:
    for made in (converted(source), converted(mended(source)), converted(ended(source))):
        for part in parts(made):
            assert part.text.strip()
            accepted(part)


@given(st.text(alphabet="가나a 😀\n.", max_size=400), st.integers(64, 200))
def test_nothing_is_lost_between_messages(text: str, limit: int) -> None:
    made = parts(Styled(text), limit)
    assert "".join("".join(part.text.split()) for part in made) == "".join(text.split())
    assert all(len(part.text.encode("utf-16-le")) // 2 <= limit for part in made)


def test_styles_beyond_a_hundred_go_into_the_next_message() -> None:
    made = parts(converted(" ".join(f"**{number}** 말" for number in range(250))))
    assert len(made) == 3
    assert all(len(part.entities()) <= SPANS for part in made)
    assert sum(len(part.entities()) for part in made) == 250


def test_a_message_does_not_change_once_there_is_a_next_one() -> None:
    text = "\n".join(f"**{number}** 번째 줄이에요. `코드`도 있어요" for number in range(500))
    before: list[Styled] = []
    for end in range(0, len(text), 499):
        now = parts(converted(mended(text[:end])))
        assert now[: max(len(before) - 1, 0)] == before[:-1]
        before = now
    assert len(before) > 2
    assert UNITS == 4096
