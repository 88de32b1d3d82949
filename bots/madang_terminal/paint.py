"""What things look like: everything that is shown, as lines with colours."""

import io
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.highlighter import RegexHighlighter
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from madang_terminal.talk import Tone
from madang_terminal.words import printable

PERSONA_COLOURS = ("cyan", "green", "magenta", "yellow", "blue")
TONES: dict[Tone, str] = {"plain": "", "heading": "bold", "note": "dim", "problem": "yellow"}
THEME = Theme(
    {
        "md.strong": "bold",
        "md.code": "cyan",
        "md.heading": "bold underline",
        "md.fence": "dim",
        "md.bullet": "bold",
    }
)


class Markdown(RegexHighlighter):
    """Colour Markdown and keep every character, so that nothing said is lost or moved."""

    base_style = "md."
    highlights = [  # noqa: RUF012 - the base class has it so
        r"(?P<strong>\*\*[^*\n]+\*\*)",
        r"(?P<code>`[^`\n]+`)",
        r"(?m)(?P<heading>^#{1,6} .+$)",
        r"(?m)(?P<fence>^```.*$)",
        r"(?m)^\s*(?P<bullet>[-*]|\d+[.)])(?= )",
    ]


_markdown = Markdown()


def ansi(what: RenderableType, width: int) -> str:
    """Render something to lines with escape codes, in the colours that this terminal has."""
    console = Console(
        file=io.StringIO(), force_terminal=True, width=max(width, 8), theme=THEME, highlight=False
    )
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def answer(title: str, colour: str, text: str, under: Sequence[str] = ()) -> RenderableType:
    """Show an answer under its persona's name, and what is to be said about it."""
    parts: list[RenderableType] = [Text(title, f"bold {colour}")]
    if text:
        parts.append(_markdown(Text(printable(text))))
    parts += [Text(printable(line), "dim italic") for line in under if line]
    return Group(*parts)


def question(name: str, text: str, style: str = "") -> RenderableType:
    """Show what the person said."""
    return Text.assemble((f"{name} › ", "bold"), (printable(text), style))


def words(text: str, tone: Tone = "note") -> RenderableType:
    """Show words of the terminal's own."""
    return Text(printable(text), TONES[tone])


def table(rows: Sequence[Sequence[str]]) -> RenderableType:
    """Show rows in aligned columns; the first one, which can be typed, stands out."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for number, _ in enumerate(rows[0] if rows else ()):
        # Rich takes the space after a wide word for overflow; an ellipsis would eat the word.
        style = "bold cyan" if number == 0 else ""
        grid.add_column(style=style, no_wrap=number == 0, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(printable(cell)) for cell in row))
    return grid


def spaced(*parts: RenderableType) -> RenderableType:
    """Set things apart from what is above them."""
    return Group(Text(""), *parts)


def banner(title: str, lines: Sequence[str]) -> RenderableType:
    """Show what this is."""
    return Group(Text(title, "bold"), *(Text(printable(line), "dim") for line in lines))
