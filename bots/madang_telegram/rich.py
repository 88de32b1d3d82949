"""Answers as documents, with tables, headings, task lists and formulas: Telegram's rich messages.

They are written as HTML, from what the parser of all answers reads: so emphasis is that of Korean,
every line stays a line, and nothing that a model writes becomes a tag, a picture, or a mention by
number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from markdown_it.token import Token

from madang_telegram.blocks import code_of
from madang_telegram.inline import LINKS
from madang_telegram.markdown import parser
from madang_telegram.styled import sendable

# https://core.telegram.org/bots/api#rich-message-limits
CHARACTERS = 32_768
BLOCKS = 500
DEPTH = 16
COLUMNS = 20

TAGS = {
    "paragraph": "p",
    "bullet_list": "ul",
    "list_item": "li",
    "blockquote": "blockquote",
    "table": "table bordered striped",
    "tr": "tr",
    "strong": "b",
    "em": "i",
    "s": "s",
}
UNCOUNTED = ("strong", "em", "s", "th", "td", "link")
# What entities cannot show.
NEEDING = ("table_open", "heading_open", "formula_block", "formula_inline")
TASK = re.compile(r"\[([ xX])\] ")


@dataclass(frozen=True)
class Document:
    """Hold an answer as HTML; `needed` says that it has what entities cannot show."""

    html: str
    needed: bool


def document(source: str, endings: Sequence[str] = ()) -> Document | None:
    """Write an answer, and how it ended; None where Telegram takes no document of it."""
    writer = _Writer()
    writer.blocks(parser(formulas=True).parse(sendable(source)))
    for each in endings:
        writer.ending(each)
    return Document(writer.html, writer.needed) if writer.fits else None


class _Writer:
    """Write tokens of the parser as HTML, and count what is limited."""

    def __init__(self) -> None:
        self.needed = False
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._links: list[tuple[str, int, bool]] = []
        self._numbers: list[int] = []
        self._characters = self._blocks = self._cells = 0
        self._over = False

    @property
    def html(self) -> str:
        """Return what was written."""
        return "".join(self._pieces)

    @property
    def fits(self) -> bool:
        """Say whether there is anything, and it keeps within the limits."""
        over = self._over or self._blocks > BLOCKS or self._characters > CHARACTERS
        return self._characters > 0 and not over

    def ending(self, text: str) -> None:
        """Append a paragraph of the bot's own."""
        self._blocks += 1
        self._pieces += ["<p><i>", self._text(text), "</i></p>"]

    def blocks(self, tokens: Sequence[Token]) -> None:
        """Append blocks."""
        for number, token in enumerate(tokens):
            self.needed = self.needed or token.type in NEEDING
            if token.type == "inline":
                self.inline(token.children or [])
            elif token.type == "fence":
                self._fence(token)
            elif token.type == "formula_block":
                self._formula(token.content, "tg-math-block")
            elif token.type == "hr":
                self._blocks += 1
                self._pieces.append("<hr/>")
            elif not token.hidden:
                self._frame(token)
            if token.type == "list_item_open":
                self._task(tokens[number + 1 : number + 3])

    def inline(self, tokens: Sequence[Token]) -> None:
        """Append what stands in a paragraph, a heading or a cell."""
        for token in tokens:
            if token.type in ("softbreak", "hardbreak"):
                self._pieces.append("<br>")
            elif token.type == "code_inline":
                self._pieces += ["<code>", self._text(token.content), "</code>"]
            elif token.type == "formula_inline":
                self.needed = True
                self._formula(token.content, "tg-math")
            elif token.type == "image":
                self._link(str(token.attrs.get("src", "")))
                self.inline(token.children or [])
                self._unlink()
            elif token.type == "link_open":
                self._link(str(token.attrs.get("href", "")))
            elif token.type == "link_close":
                self._unlink()
            elif token.nesting:
                self._frame(token)
            else:
                self._pieces.append(self._text(token.content))

    def _frame(self, token: Token) -> None:
        """Open or close what stands around others."""
        name = token.type.rpartition("_")[0]
        if name in ("thead", "tbody"):
            return
        if token.nesting < 0:
            self._pieces.append(f"</{self._open.pop()}>")
            if name == "ordered_list":
                self._numbers.pop()
            return
        self._begin(self._tag(name, token))
        self._blocks += name not in UNCOUNTED

    def _tag(self, name: str, token: Token) -> str:
        if name == "tr":
            self._cells = 0
        elif name == "heading":
            return token.tag
        elif name == "ordered_list":
            start = int(token.attrs.get("start", 1))
            self._numbers.append(start)
            return "ol" if start == 1 else f'ol start="{start}"'
        elif name == "list_item" and token.info:
            number, counted = int(token.info), self._numbers[-1]
            self._numbers[-1] = number + 1
            return "li" if number == counted else f'li value="{number}"'
        elif name in ("th", "td"):
            self._cells += 1
            self._over = self._over or self._cells > COLUMNS
            align = str(token.attrs.get("style", "")).removeprefix("text-align:")
            return f'{name} align="{align}"' if align else name
        return TAGS[name]

    def _begin(self, tag: str) -> None:
        self._pieces.append(f"<{tag}>")
        self._open.append(tag.partition(" ")[0])
        self._over = self._over or len(self._open) > DEPTH

    def _task(self, item: Sequence[Token]) -> None:
        """Write the box of a task, and take its mark out of the text."""
        words = item[-1].children if item and item[-1].type == "inline" else None
        found = TASK.match(words[0].content) if words else None
        if words and found:
            self.needed = True
            words[0].content = words[0].content[found.end() :]
            checked = "" if found[1] == " " else " checked"
            self._pieces.append(f'<input type="checkbox"{checked}>')

    def _fence(self, token: Token) -> None:
        language, code = code_of(token)
        if language == "math":
            self.needed = True
            self._formula(code.strip(), "tg-math-block")
            return
        self._blocks += 1
        begin, end = (f'<code class="language-{language}">', "</code>") if language else ("", "")
        self._pieces += ["<pre>", begin, self._text(code), end, "</pre>"]

    def _formula(self, source: str, tag: str) -> None:
        """Write LaTeX such that it reads the same whether or not entities count in it."""
        self._blocks += tag == "tg-math-block"
        raw = source.replace("<", r"\lt ").replace(">", r"\gt ")
        raw = re.sub(r"&(?!\s)", "& ", raw)
        self._characters += len(raw)
        self._pieces += [f"<{tag}>", raw, f"</{tag}>"]

    def _link(self, url: str) -> None:
        """Begin a link; one that Telegram does not take stands behind its words."""
        taken = url.startswith(LINKS) and "a" not in self._open
        if taken:
            self._begin(f'a href="{escape(url)}"')
        self._links.append((url, len(self._pieces), taken))

    def _unlink(self) -> None:
        url, start, taken = self._links.pop()
        if not taken:
            self._pieces.append(self._text(f" ({unquote(url)})") if url else "")
            return
        if len(self._pieces) == start:
            self._pieces.append(self._text(url))
        self._pieces.append(f"</{self._open.pop()}>")

    def _text(self, text: str) -> str:
        self._characters += len(text)
        return escape(text, quote=False)
