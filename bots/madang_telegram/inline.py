"""Writing a text with styles, a piece at a time."""

from collections.abc import Sequence
from urllib.parse import unquote

from markdown_it.token import Token

from madang_telegram.styled import Span, Styled

STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough"}
# Not tg://, which would mention people.
LINKS = ("http://", "https://", "mailto:", "tel:")


class Writer:
    """Append text, and note which styles are open over it; where none count, `linking` is False."""

    def __init__(self, *, linking: bool = True) -> None:
        self.length = 0
        self._links = LINKS if linking else ()
        self._pieces: list[str] = []
        self._spans: list[Span] = []
        self._open: list[tuple[str, int, str]] = []

    def styled(self) -> Styled:
        """Return what was written."""
        return Styled("".join(self._pieces), tuple(self._spans))

    def write(self, text: str) -> None:
        """Append a text."""
        self._pieces.append(text)
        self.length += len(text)

    def open(self, kind: str, url: str = "") -> None:
        """Begin a style here."""
        self._open.append((kind, self.length, url))

    def close(self, kind: str) -> None:
        """End the style that was begun last."""
        _, start, url = self._open.pop()
        if kind not in [outer for outer, _, _ in self._open]:
            self.span(kind, start, url=url)

    def span(self, kind: str, start: int, *, url: str = "", language: str = "") -> None:
        """Give a style to everything since a place."""
        if start < self.length:
            self._spans.append(Span(kind, start, self.length, url, language))

    def code(self, text: str, language: str = "") -> None:
        """Append a block of code."""
        start = self.length
        self.write(text)
        self.span("pre", start, language=language)

    def inline(self, tokens: Sequence[Token]) -> None:
        """Append a paragraph."""
        for token in tokens:
            self._take(token)

    def _take(self, token: Token) -> None:
        name, _, edge = token.type.rpartition("_")
        if name in STYLES:
            self.open(STYLES[name]) if edge == "open" else self.close(STYLES[name])
        elif token.type in ("softbreak", "hardbreak"):
            self.write("\n")
        elif token.type == "code_inline":
            self._code(token.content)
        elif token.type == "link_open":
            self.open("text_link", str(token.attrs.get("href", "")))
        elif token.type == "link_close":
            self._end_link()
        elif token.type == "image":
            self.open("text_link", str(token.attrs.get("src", "")))
            self.inline(token.children or [])
            self._end_link()
        else:
            self.write(token.content)

    def _code(self, text: str) -> None:
        start = self.length
        self.write(text)
        # A link with code in it stays a link: Telegram shows only one of them.
        if "text_link" not in [kind for kind, _, _ in self._open]:
            self.span("code", start)

    def _end_link(self) -> None:
        _, start, url = self._open[-1]
        if self.length == start:
            self.write(unquote(url))
        if url.startswith(self._links):
            self.close("text_link")
        else:
            self._open.pop()
            words = unquote(url)
            self.write(f" ({words})" if words not in ("", self._pieces[-1]) else "")
