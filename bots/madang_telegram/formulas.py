r"""Formulas in Markdown: `$x^2$`, `$$x^2$$`, `\(x^2\)` and `\[x^2\]`, as models write them."""

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from madang_telegram.blocks import line_of

INLINE = re.compile(
    r"\$\$(?P<shown>[^$]+)\$\$"
    r"|\$(?!\s)(?P<short>[^$\n]+)(?<!\s)\$(?![0-9A-Za-z$])"
    r"|\\\((?P<round>.+?)\\\)|\\\[(?P<square>.+?)\\\]",
    re.DOTALL,
)
LONGEST = 50
CLOSING = {"$$": "$$", r"\[": r"\]"}
# Prices have the sign of dollars too: what is between two of them has to look like a formula.
LIKELY = re.compile(r"[\\^_=<>+*/|-]|[A-Za-z][A-Za-z0-9']{0,2}$|[A-Za-z]\(.*\)$")
HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


def formula(state: StateInline, silent: bool) -> bool:
    """Take a formula within a line: a rule for the inline parser."""
    found = INLINE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if found.lastgroup == "short" and not _is_likely(found["short"]):
        return False
    if not silent:
        state.push("formula_inline", "", 0).content = found[found.lastindex or 0].strip()
    state.pos = found.end()
    return True


def shown_formula(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Take a formula in lines of its own: a rule for the block parser."""
    text = line_of(state, line)
    closing = CLOSING.get(text[:2])
    if closing is None:
        return False
    lines = [text[2:]]
    while closing not in lines[-1]:
        end = line + len(lines)
        over = end >= last or len(lines) == LONGEST
        if over or state.isEmpty(end) or state.sCount[end] < state.blkIndent:
            return False
        lines.append(line_of(state, end))
    inside, _, behind = "\n".join(lines).partition(closing)
    if behind.strip() or not inside.strip():
        return False
    if not silent:
        token = state.push("formula_block", "", 0)
        token.content, token.map = inside.strip(), [line, line + len(lines)]
        state.line = line + len(lines)
    return True


def _is_likely(text: str) -> bool:
    return bool(LIKELY.search(text)) and not HANGUL.search(text)
