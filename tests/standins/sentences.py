"""Ordinary Korean and English sentences, the same on every run."""

from collections.abc import Iterable, Iterator
from itertools import islice, product

KOREAN = (
    ("친구가", "할머니께서", "우리 반 아이들이", "그 회사는", "은행은", "나는", "1443년에 세종은"),
    ("어제", "비 오는 날", "3월 15일에", "아침 7시 30분쯤", "지난주부터"),
    ("김치찌개를", "새 책을", "기준금리 3.5%를", "노래 한 곡을", "\"한글\"을", "사진(2장)을"),
    (
        "먹었어요.", "읽고 있었다!", "왜 바꿨을까?", "올린다고 발표했다…", "좋아해 ㅋㅋㅋ ㅠㅠ",
        "만들었습니다: 참 쉬웠죠.",
    ),
)  # fmt: skip
ENGLISH = (
    ("My friend", "The central bank", "A quick brown fox", "Nobody", "She"),
    ("reads", "doesn't like", "will change", "[really] wants", "asked for"),
    ("the news", "interest rates (3.5%)", "C++ & C# code", "a <b>bold</b> word", "50 | 60 cups"),
    ("every day.", "at 7:30 - or not?", "#1 in Korea!", "e.g. on https://bok.or.kr/a?q=1", "~ ^^;"),
)
OTHERS = (
    "### 제목\n- 하나\n- 둘: **굵게**\n\n```python\nprint(d[0][1])\n```",
    "[1] [가] [[링크 문장]](https://example.org) |표|칸|\n|---|---|",
    "User가 system에게 말했다. assistant, user, ipython.",
    "👍 좋아요 ♥ 漢字 かな İstanbul é é",
    "  들여쓰기   와\t탭\r\n그리고 줄  \n",
    "ᄏᄏ ᅲᅲ ㄹㅇ ㄱㄱ",
    "질문 있어요. 답변 부탁해요! 질문: 왜 답변은 늦나요?",
    "a < b && c > d || e; <tag/> {json: [1, 2]} %s \\n \\u200b",
)


def ordinary(count: int) -> list[str]:
    """Return so many sentences, Korean and English in turn."""
    pairs = zip(_joined(KOREAN), _joined(ENGLISH), strict=False)
    mixed = (text for pair in pairs for text in pair)
    return [*OTHERS, *islice(mixed, count - len(OTHERS))]


def _joined(words: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return map(" ".join, product(*words))
