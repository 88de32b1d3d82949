"""Blocks of Markdown that CommonMark would take numbers, cells or words away from."""

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.list import list_block
from markdown_it.rules_block.table import escapedSplit, table
from markdown_it.token import Token

# Where CommonMark sees lists in each other, or one of nothing: `2024. 5. 3.`, `1446.` and `-`.
DATE = re.compile(r"\d{1,9}[.)]\s+\d{1,9}[.)](?:\s|$)")
BARE = re.compile(r"(?:\d{1,9}[.)]|[-+*])$")
LANGUAGE = re.compile(r"[A-Za-z][A-Za-z0-9_+#.-]{0,39}")


def a_list(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Take a list that is one: a rule for the block parser."""
    text, inside = line_of(state, line), state.listIndent >= 0
    if DATE.match(text) or (BARE.match(text) and not inside):
        return False
    return list_block(state, line, last, silent)


def whole_table(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Take a table, what is beyond its last column along: a rule for the block parser."""
    begun = len(state.tokens)
    if not table(state, line, last, silent):
        return False
    written: list[str] = []
    shown: list[Token] = []
    for token in state.tokens[begun:]:
        if token.type == "tr_open" and token.map:
            written, shown = _cells(line_of(state, token.map[0])), []
        elif token.type == "inline":
            shown.append(token)
        elif token.type == "tr_close" and len(written) > len(shown):
            shown[-1].content = " | ".join(written[len(shown) - 1 :])
    return True


def line_of(state: StateBlock, line: int) -> str:
    """Return a line without what stands around its block."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def code_of(fence: Token) -> tuple[str, str]:
    """Return the language and the code of a block; other words behind the fence are code too."""
    info, code = fence.info.strip(), fence.content.rstrip("\n")
    language, _, rest = info.partition(" ")
    if not LANGUAGE.fullmatch(language):
        language, rest = "", info
    return language, f"{rest}\n{code}".rstrip("\n") if rest else code


def _cells(row: str) -> list[str]:
    cells = [each.strip() for each in escapedSplit(row)]
    return cells[row.startswith("|") : len(cells) - (len(cells) > 1 and not cells[-1])]
