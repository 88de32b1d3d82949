"""Reading the documentation: headings, tables and code blocks of a Markdown file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"

FENCE = re.compile(r"```(\w*)\s*$")
FILE = re.compile(r"(Write|Add to) `([\w./-]+)`:$")


@dataclass(frozen=True)
class Block:
    """Hold a fenced block and the file that the line before it names.

    `adds` says that the block goes to the end of what the file holds already.
    """

    language: str
    text: str
    file: str
    line: int
    adds: bool


def read(name: str) -> str:
    """Return the text of a file in docs/."""
    return (DOCS / name).read_text("utf-8")


def blocks(text: str) -> Iterator[Block]:
    """Walk the fenced blocks; "Write `a/b.toml`:" or "Add to `a/b.toml`:" names a file."""
    before, language, start = "", "", 0
    inside: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if inside is None and fence:
            inside, language, start = [], fence[1], number
        elif inside is not None and fence:
            found = FILE.search(before)
            named, adds = (found[2], found[1] == "Add to") if found else ("", False)
            yield Block(language, "\n".join([*inside, ""]), named, start, adds)
            inside, before = None, ""
        elif inside is not None:
            inside.append(line)
        else:
            before = f"{before} {line}" if line.strip() else before if before.endswith(":") else ""


def sections(text: str, level: int) -> dict[str, str]:
    """Map headings of a level, without backticks, to the text up to the next heading."""
    parts = re.split(rf"^{'#' * level} +(.+)$", text, flags=re.MULTILINE)
    found = zip(parts[1::2], parts[2::2], strict=True)
    end = rf"^#{{1,{level}}} "
    return {_bare(head): re.split(end, body, flags=re.MULTILINE)[0] for head, body in found}


def tables(text: str) -> Iterator[list[list[str]]]:
    """Walk the tables as rows of cells without backticks, the header first."""
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append(_cells(line))
        elif rows:
            yield [rows[0], *rows[2:]]
            rows = []


def rows(text: str, head: str) -> list[list[str]]:
    """Return the rows of all tables whose first column is called `head`."""
    return [row for table in tables(text) if table[0][0] == head for row in table[1:]]


def _cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [_bare(cell.replace("\\|", "|")) for cell in cells]


def _bare(text: str) -> str:
    return text.replace("`", "").strip()
