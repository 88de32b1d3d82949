"""Rich messages: what a document may hold, as far as its rules are published."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Literal

from madang.testing.telegram.entities import Styled, style
from madang.testing.telegram.params import Params
from madang.testing.telegram.text import LIMIT
from madang.testing.telegram.wire import Json, Refusal, bad_request

if TYPE_CHECKING:
    from madang.testing.telegram.world import World

Rich = Literal["shown", "refused", "unknown", "flattened"]
"""What the service does with rich messages.

It shows them, refuses each, does not know them as a server before 10.1, or shows their bare text.
"""

FIELDS = {"markdown", "html", "blocks", "is_rtl", "skip_entity_detection", "media"}
SOURCES = ("markdown", "html", "blocks")
CHARACTERS = 32_768
BLOCKS = 500
DEPTH = 16
COLUMNS = 20
MEDIA = 50

INLINE = {
    *("a", "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "mark", "sub"),
    *("sup", "tg-spoiler", "tg-reference", "tg-emoji", "tg-time", "tg-math", "cite"),
}
COUNTED = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "footer", "hr", "ul", "ol", "li"),
    *("blockquote", "aside", "table", "tr", "details", "tg-math-block", "tg-map"),
    *("img", "video", "audio", "tg-collage", "tg-slideshow"),
}
OTHERS = {"th", "td", "caption", "summary", "figure", "figcaption"}
VOID = {"br", "hr", "input", "img", "tg-map"}
FILES = {"img", "video", "audio"}
CELLS = {"th", "td"}
CODE = {"code", "pre", "tg-math", "tg-math-block"}
ENTITIES = {
    *("lt", "gt", "amp", "quot", "apos", "nbsp", "hellip", "mdash", "ndash"),
    *("lsquo", "rsquo", "ldquo", "rdquo"),
}
_BREAK = COUNTED | {"br", "td", "th"}


def rich_of(params: Params) -> str:
    """Read a rich message and return its source."""
    given = params.object("rich_message")
    if unknown := set(given) - FIELDS:
        raise bad_request(f"can't parse rich message: unknown field {min(unknown)!r}")
    sources = [name for name in SOURCES if given.get(name)]
    if len(sources) > 1:
        raise bad_request("exactly one of html, markdown and blocks must be used")
    source: Any = given[sources[0]] if sources else ""
    text = source if isinstance(source, str) else str(source)
    if sources == ["html"]:
        _Page(text).check()
    elif len(text) > CHARACTERS:
        raise bad_request("message is too long")
    if not text.strip():
        raise bad_request("rich message must be non-empty")
    return text


def document_of(world: "World", params: Params) -> tuple[Styled, str]:
    """Read a rich message as the service takes it just now: its text where it shows only that."""
    source = rich_of(params)
    if world.rich == "refused":
        raise bad_request("RICH_MESSAGE_INVALID")
    if world.rich == "flattened":
        return style(words_of(source)[:LIMIT]), ""
    return Styled(), source


def words_of(source: str) -> str:
    """Return the words of a rich message in HTML, a line for each block; of Markdown itself."""
    page = _page_of(source)
    if page is None:
        return source
    return "\n".join(line.rstrip() for line in page.text.split("\n") if line.strip())


def prose_of(source: str) -> str:
    """Return the words of a rich message in HTML without code and formulas; else nothing."""
    page = _page_of(source)
    return page.prose if page else ""


def paragraphs_of(source: str) -> Json:
    """Return a rich message as it travels back."""
    words = words_of(source).split("\n")
    return {"blocks": [{"type": "paragraph", "text": text} for text in words if text]}


def _page_of(source: str) -> "_Page | None":
    if not re.match(r"<[a-z]", source):
        return None
    page = _Page(source)
    page.check()
    return page


class _Page(HTMLParser):
    """Read a document in HTML, and refuse what the service does not take."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text = self.prose = ""
        self._open: list[str] = []
        self._blocks = self._files = self._cells = 0
        self._source = source

    def check(self) -> None:
        """Read the whole source."""
        self.feed(self._source)
        self.close()
        if self._open:
            raise _cannot(f"can't find end tag corresponding to start tag {self._open[-1]!r}")
        if not self.text.strip():
            raise bad_request("rich message must be non-empty")
        if len(self.text) > CHARACTERS:
            raise bad_request("message is too long")
        if self._blocks > BLOCKS or self._files > MEDIA:
            raise _cannot("too many blocks")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if tag not in INLINE | COUNTED | OTHERS | VOID:
            raise _cannot(f"unsupported start tag {tag!r}")
        self._blocks += tag in COUNTED
        self._files += tag in FILES
        self._cells = 0 if tag == "tr" else self._cells + (tag in CELLS)
        if self._cells > COLUMNS:
            raise _cannot("too many columns")
        if tag in _BREAK:
            self._take("\n")
        if tag not in VOID:
            self._open.append(tag)
        if len(self._open) > DEPTH:
            raise _cannot("nested too deep")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that holds nothing."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if not self._open or self._open.pop() != tag:
            raise _cannot(f"unexpected end tag {tag!r}")

    def handle_data(self, data: str) -> None:
        """Take words; a line break is a space to a reader, but in code."""
        if "<" in data:
            raise _cannot("unescaped '<'")
        self._take(data if "pre" in self._open else data.replace("\n", " "))

    def handle_entityref(self, name: str) -> None:
        """Take a character by its name."""
        if name not in ENTITIES:
            raise _cannot(f"unsupported entity {name!r}")
        self._take(unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        """Take a character by its number."""
        self._take(unescape(f"&#{name};"))

    def _take(self, words: str) -> None:
        self.text += words
        if not CODE & set(self._open):
            self.prose += words


def _cannot(why: str) -> Refusal:
    return bad_request(f"can't parse rich message: {why}")
