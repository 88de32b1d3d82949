"""An answer's state in words: what it waits for, and how it ended."""

import unicodedata
from collections.abc import Sequence

from madang import wording
from madang.contract import Problem, Turn, TurnState
from madang.conversation import Reply, Update
from madang.texts import Texts

FOR_OPERATORS = frozenset(
    {
        "internal",
        "licence_not_accepted",
        "missing_package",
        "model_error",
        "model_not_loaded",
        "store_not_writable",
        "unknown_adapter",
        "unknown_form",
        "unknown_model",
        "unsupported_parameter",
    }
)
"""Problems whose cause is told too: who sits at the terminal is the operator as well."""


def waiting(texts: Texts, update: Update) -> str:
    """Say what an answer without text is waiting for."""
    return wording.waiting(texts, update) or texts("progress.generating")


def endings(texts: Texts, reply: Reply, update: Update) -> list[str]:
    """Say how an answer ended where it did not simply end, and what else belongs under it."""
    said: list[str] = []
    if reply.resumed:
        said.append(texts("answer.resumed"))
    if update.state is TurnState.STOPPED:
        said.append(texts("answer.stopped"))
    elif update.state is TurnState.COMPLETE and not update.text.strip():
        said.append(texts("answer.empty"))
    if update.cut:
        said.append(texts("answer.cut"))
    problem = update.problem
    if problem and problem.code in FOR_OPERATORS:
        said += filter(None, (problem.message, problem.hint))
    return said


def ended(texts: Texts, turn: Turn) -> str:
    """Say how a turn of before ended where it did not simply end."""
    match turn.state:
        case TurnState.FAILED:
            problem = Problem(code=turn.problem, message=turn.problem)
            return texts("answer.failed", problem=texts.problem(problem))
        case TurnState.STOPPED:
            return texts("answer.stopped")
        case TurnState.PENDING:
            return texts("answer.unfinished")
    return "" if turn.shown.strip() else texts("answer.empty")


def printable(text: str) -> str:
    """Drop control characters, which a terminal would obey; line ends and tabs stay."""
    return "".join(each for each in text if each in "\n\t" or not _controls(each))


def _controls(character: str) -> bool:
    code = ord(character)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align rows by the cells that their columns take; the last one is left as it is."""
    widths = [max(map(_cells, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell if last else cell + " " * (width - _cells(cell))
            for cell, width, last in zip(row, widths, _last(row), strict=True)
        )
        for row in rows
    ]


def _last(row: Sequence[str]) -> list[bool]:
    return [False] * (len(row) - 1) + [True]


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
