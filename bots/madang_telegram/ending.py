"""How a text of Markdown ends: in which block, and what is open there."""

from dataclasses import dataclass

from markdown_it.token import Token

from madang_telegram.emphasis import OPEN
from madang_telegram.markdown import parser


@dataclass(frozen=True)
class Ending:
    """Hold the last block: its text, the `marks` that would close it, or the `fence` it is in.

    All are empty where a text ends in something else.
    """

    block: str = ""
    marks: str = ""
    fence: str = ""


def ending(text: str) -> Ending:
    """Look at the end of a text."""
    tokens = parser().parse(text)
    last = next((each for each in reversed(tokens) if not each.type.endswith("_close")), None)
    if last is None:
        return Ending()
    if last.type == "fence":
        return Ending(fence=last.markup if _is_open(last) else "")
    block = last.content
    if last.type != "inline" or not text.endswith(block.rpartition("\n")[2]):
        return Ending()
    noted: dict[str, list[str]] = {}
    parser().inline.parse(block, parser(), noted, [])
    return Ending(block, "".join(reversed(noted[OPEN])))


def _is_open(fence: Token) -> bool:
    first, end = fence.map or [0, 0]
    return end - first - 1 == len(fence.content.splitlines())
