"""The three parse modes."""

from collections.abc import Callable

import pytest

from madang.testing.telegram import Entity
from madang.testing.telegram.html import parse_html
from madang.testing.telegram.markdown import parse_markdown, parse_markdown_v2
from madang.testing.telegram.wire import Refusal

Parser = Callable[[str], tuple[str, list[Entity]]]

HTML = [
    ("<b>가<i>나</i></b>", "가나", {"bold": (0, 2), "italic": (1, 1)}),
    ("1 &lt; 2 &amp; 😀<s>x</s>", "1 < 2 & 😀x", {"strikethrough": (10, 1)}),
    ('<pre><code class="language-python">x=1</code></pre>', "x=1", {"pre": (0, 3)}),
    ("<blockquote expandable>가</blockquote>", "가", {"expandable_blockquote": (0, 1)}),
    (
        '<span class="tg-spoiler">가</span><u>나</u>',
        "가나",
        {"spoiler": (0, 1), "underline": (1, 1)},
    ),
    ('<a href="https://a.kr">가</a>', "가", {"text_link": (0, 1)}),
]
V2 = [
    ("*가_나_*", "가나", {"bold": (0, 2), "italic": (1, 1)}),
    (r"1\. `x\`y`", "1. x`y", {"code": (3, 3)}),
    ("```python\nx=1\n```", "x=1\n", {"pre": (0, 4)}),
    (
        "__가__ ~나~ ||다||",
        "가 나 다",
        {"underline": (0, 1), "strikethrough": (2, 1), "spoiler": (4, 1)},
    ),
    ("[가](https://a.kr/\\)x)", "가", {"text_link": (0, 1)}),
    (">가\n>나\n다", "가\n나\n다", {"blockquote": (0, 3)}),
]
OLD = [
    ("*가* _나_ `다`", "가 나 다", {"bold": (0, 1), "italic": (2, 1), "code": (4, 1)}),
    ("```py\nx\n``` [가](https://a.kr) \\_", "x\n 가 _", {"pre": (0, 2), "text_link": (3, 1)}),
]
GOOD = [
    *((parse_html, *case) for case in HTML),
    *((parse_markdown_v2, *case) for case in V2),
    *((parse_markdown, *case) for case in OLD),
]
BAD = [
    (parse_html, "<b>가", 'end tag corresponding to start tag "b"'),
    (parse_html, "<b>가</i>", 'expected "</b>", found "</i>"'),
    (parse_html, "가</b>", "Unexpected end tag at byte offset 3"),
    (parse_html, "<h1>가</h1>", 'Unsupported start tag "h1"'),
    (parse_html, "1 < 2", "Unsupported start tag"),
    (parse_markdown_v2, "*가", "Can't find end of Bold entity at byte offset 0"),
    (parse_markdown_v2, "가 `나", "Can't find end of Code entity at byte offset 4"),
    (parse_markdown_v2, "```\n가", "Can't find end of PreCode entity"),
    (parse_markdown_v2, "*가_나*_", "Can't find end of"),
    (parse_markdown_v2, "끝.", "Character '.' is reserved"),
    (parse_markdown, "가 *나", "starting at byte offset 4"),
]


@pytest.mark.parametrize(("parse", "source", "text", "spans"), GOOD)
def test_what_is_read(
    parse: Parser, source: str, text: str, spans: dict[str, tuple[int, int]]
) -> None:
    read, entities = parse(source)
    assert read == text
    assert {entity.kind: (entity.offset, entity.length) for entity in entities} == spans


@pytest.mark.parametrize(("parse", "source", "why"), BAD)
def test_what_is_refused(parse: Parser, source: str, why: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(source)
    assert caught.value.code == 400
    assert why in caught.value.description


def test_links_and_languages_are_kept() -> None:
    _, (link,) = parse_markdown_v2("[가](https://a.kr/\\)x)")
    assert link.url == "https://a.kr/)x"
    _, (code,) = parse_html('<pre><code class="language-python">x</code></pre>')
    assert code.language == "python"
    _, (fenced,) = parse_markdown("```py\nx\n```")
    assert fenced.language == "py"
