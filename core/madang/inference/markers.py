"""The marker lines of a form: what it writes around quoted text, such as `### Response:`."""

import re
from collections.abc import Iterator

from madang.contract import Prompt

SIGNS = re.compile(
    r"""\#{2,}[ \t]*[^\n:\#]{1,30}:     # a heading: ### 질문:
        | \[\[[^\[\]\n]{1,30}\]\]       # a tag: [[Q]]
        | ^\*\*[^*\n]{1,30}\*\*$        # a bold line: **답변 형식**""",
    re.VERBOSE | re.MULTILINE,
)
LABEL = re.compile(r"^[ \t]*(?P<label>[^\s:\#][^\n:]{0,30}:)", re.MULTILINE)


def form_markers(prompt: Prompt) -> tuple[str, ...]:
    """List the marker strings that the form itself wrote into a prompt.

    Headings, tags and bold lines count wherever they stand. A plain label (`답변:`) is an
    ordinary word inside a line, so it counts at the beginning of one, and in completions only:
    a chat has its template for the roles.
    """
    return tuple(dict.fromkeys(_markers(prompt)))


def _markers(prompt: Prompt) -> Iterator[str]:
    for segment in prompt.segments:
        for part in segment.parts:
            if part.quoted:
                continue
            yield from SIGNS.findall(part.text)
            if prompt.kind == "completion":
                yield from (f"\n{found['label']}" for found in LABEL.finditer(part.text))
