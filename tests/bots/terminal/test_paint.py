"""What things look like."""

import pytest
from tests.bots.terminal.console import plain

from madang_terminal import paint
from madang_terminal.words import columns, printable

MARKDOWN = """\
# 제목
**굵게** `부호` <b>꼬리표</b> [대괄호] 1.5%

- 하나
2. 둘
```py
x = 1
```"""


def test_markdown_keeps_every_character() -> None:
    assert plain(paint.ansi(paint.answer("이름", "cyan", MARKDOWN), 60)) == f"이름\n{MARKDOWN}\n"


def test_korean_is_wrapped_by_the_cells_that_it_takes() -> None:
    lines = plain(paint.ansi(paint.answer("이름", "cyan", "가나다라마바사아자차" * 3), 20))
    assert max(len(line) for line in lines.split("\n")) == 10


WORDS = "한국의 역사와 문화, 생활에 대한 물음에 짧고 정확하게 답해요. 2.5% abc 훈민정음"


@pytest.mark.parametrize("width", range(24, 90))
def test_no_width_loses_a_character(width: int) -> None:
    table = paint.table([("1", "안내자", WORDS), ("2", "상담사", WORDS[3:])])
    written = [each for each in plain(paint.ansi(table, width)) if not each.isspace()]
    expected = [each for each in f"1안내자{WORDS}2상담사{WORDS[3:]}" if not each.isspace()]
    assert sorted(written) == sorted(expected)
    answer = plain(paint.ansi(paint.answer("이름", "cyan", WORDS), width))
    assert answer.split() == ["이름", *WORDS.split()]


def test_an_answer_cannot_command_the_terminal() -> None:
    painted = paint.ansi(paint.answer("이름", "cyan", "앞\x1b]0;제목\x07뒤\x9b2J\ud800"), 60)
    assert plain(painted) == "이름\n앞]0;제목뒤2J\n"


@pytest.mark.parametrize("text", ["여러\n줄\t과 탭", "이모지 🙂", "ㅋㅋ"])
def test_what_can_be_shown_stays(text: str) -> None:
    assert printable(text) == text


def test_columns_line_up_by_cells() -> None:
    assert columns([("가", "나다", "끝"), ("abc", "d", "끝")]) == ["가   나다  끝", "abc  d     끝"]


def test_no_rows_are_no_lines() -> None:
    assert columns([]) == []
