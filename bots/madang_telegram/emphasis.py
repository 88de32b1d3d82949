"""Emphasis as Korean is written: `**말(speech)**은` is bold, though CommonMark leaves the stars.

CommonMark lets stars close only before white space or punctuation when punctuation stands inside
of them. In Korean a particle follows at once, so here stars open before what is no white space and
close behind what is none; between Latin letters or digits, as in `2**3`, they are only stars.
"""

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

OPEN = "open"


def sides(text: str, start: int, end: int) -> tuple[bool, bool]:
    """Say whether the run of stars or tildes at `start` to `end` may open, and may close."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if _latin(before) and _latin(after):
        return False, False
    return bool(after.strip()), bool(before.strip())


def run_end(text: str, start: int, stop: int) -> int:
    """Return where a run of one character ends."""
    end = start
    while end < stop and text[end] == text[start]:
        end += 1
    return end


def stars(state: StateInline, silent: bool) -> bool:
    """Take a run of stars or tildes: a rule for the inline parser."""
    marker = state.src[state.pos]
    if silent or marker not in "*~":
        return False
    end = run_end(state.src, state.pos, state.posMax)
    length, width = end - state.pos, 1 if marker == "*" else 2
    opens, closes = sides(state.src, state.pos, end)
    for _ in range(length // width):
        state.push("text", "", 0).content = marker * width
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=length if marker == "*" else 0,
                token=len(state.tokens) - 1,
                end=-1,
                open=opens,
                close=closes,
            )
        )
    if length % width:
        state.push("text", "", 0).content = marker
    state.pos = end
    return True


def left_open(state: StateInline) -> None:
    """Note, under `OPEN`, which marks nothing closes: a rule for the end of the inline parser."""
    noted: list[str] = []
    past = -1
    for number, each in enumerate(state.delimiters):
        if each.end >= 0:
            past = max(past, each.end)
        elif each.open and number > past:
            noted.append(chr(each.marker) * (2 if chr(each.marker) == "~" else 1))
    state.env[OPEN] = noted


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
