"""From Markdown, as models write it, to text with styles: nothing that was written gets lost."""

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.token import Token

from madang_telegram.blocks import a_list, code_of, whole_table
from madang_telegram.emphasis import left_open, stars
from madang_telegram.formulas import formula, shown_formula
from madang_telegram.inline import Writer
from madang_telegram.styled import Styled, plain, sendable
from madang_telegram.tables import grid

BULLET = "•"
RULE = "———"
INDENT = "  "
# Blocks within each other; what is deeper the parser would leave out.
DEEPEST = 40
# Indented code, underlined headings and references swallow what models mean as it stands.
OFF = ("code", "lheading", "reference", "html_block", "html_inline")


def converted(source: str) -> Styled:
    """Return the text that people read, and its styles."""
    source, page = sendable(source), _Page()
    for token in parser().parse(source):
        if token.block and token.level >= DEEPEST - 1:
            return plain(source).stripped()
        page.take(token)
    return page.writer.styled().stripped()


@cache
def parser(*, formulas: bool = False) -> MarkdownIt:
    """Return what reads Markdown, with `formulas` those too."""
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    made.enable(["table", "strikethrough"]).disable(list(OFF))
    made.block.ruler.at("list", a_list, {"alt": ["paragraph", "reference", "blockquote"]})
    made.block.ruler.at("table", whole_table, {"alt": ["paragraph", "reference"]})
    made.inline.ruler.before("strikethrough", "stars", stars)
    made.inline.ruler2.push("open", left_open)
    if formulas:
        made.inline.ruler.before("escape", "formula", formula)
        interrupting: RuleOptionsType = {"alt": ["paragraph", "list", "blockquote"]}
        made.block.ruler.before("fence", "formula", shown_formula, interrupting)
    return made


class _Page:
    """Write blocks under each other, apart as they were in the source."""

    def __init__(self) -> None:
        self.writer = Writer()
        self._line = 0
        self._lists = 0
        self._item = 0
        self._mark = ""
        self._quotes: list[int | None] = []
        self._rows: list[list[str]] | None = None

    def take(self, token: Token) -> None:
        """Write what a token of the parser stands for."""
        match token.type:
            case "inline" if self._rows is not None:
                cell = Writer(linking=False)
                cell.inline(token.children or [])
                self._rows[-1].append(cell.styled().text)
            case "inline":
                self.writer.inline(token.children or [])
            case "fence":
                self._begin(token)
                language, code = code_of(token)
                self.writer.code(code, language)
            case "hr":
                self._begin(token)
                self.writer.write(RULE)
            case "paragraph_open" | "heading_open":
                self._begin(token)
                if token.type == "heading_open":
                    self.writer.open("bold")
            case "heading_close":
                self.writer.close("bold")
            case _:
                self._frame(token)

    def _frame(self, token: Token) -> None:
        """Take what stands around blocks: lists, quotes and tables."""
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._lists += 1
            case "bullet_list_close" | "ordered_list_close":
                self._lists -= 1
            case "list_item_open":
                self._mark_item(token)
            case "list_item_close" if self._mark:
                # Nothing was written behind its mark.
                self._mark = self._mark.rstrip()
                self._write_below(self._item, self._item + 1)
            case "blockquote_open":
                self._quotes.append(None)
            case "blockquote_close":
                self._end_quote()
            case "table_open":
                self._begin(token)
                self._rows = []
            case "tr_open" if self._rows is not None:
                self._rows.append([])
            case "table_close":
                rows, self._rows = self._rows or [], None
                self.writer.code(grid(rows))

    def _begin(self, token: Token) -> None:
        self._write_below(*(token.map or [self._line, self._line]))

    def _write_below(self, first: int, last: int) -> None:
        """Begin what stands in some lines of the source."""
        if self.writer.length:
            self.writer.write("\n" if first <= self._line else "\n\n")
        self._line = last
        self._quotes = [self.writer.length if at is None else at for at in self._quotes]
        if self._lists:
            self.writer.write(self._mark or INDENT * (self._lists - 1))
            self._mark = ""

    def _mark_item(self, token: Token) -> None:
        """Note the mark of an item, its number as it was written; marks may share a line."""
        self._item = token.map[0] if token.map else self._line
        mark = f"{token.info}{token.markup}" if token.info else BULLET
        self._mark = f"{self._mark or INDENT * (self._lists - 1)}{mark} "

    def _end_quote(self) -> None:
        start = self._quotes.pop()
        # Telegram knows no quote in a quote.
        if start is not None and not self._quotes:
            self.writer.span("blockquote", start)
