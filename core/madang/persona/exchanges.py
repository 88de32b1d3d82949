"""From the turns of a conversation to what one persona heard and answered."""

from collections.abc import Mapping, Sequence

from madang.contract import Exchange, HistoryRule, Turn, TurnState


def heard(
    turns: Sequence[Turn],
    persona: str,
    titles: Mapping[str, str],
    *,
    history: HistoryRule = "all",
) -> tuple[list[Exchange], str]:
    """Return the exchanges that a persona had, and the question it has not answered yet.

    `turns` are the chosen ones in order, up to the question; `titles` gives the names under
    which personas hear each other. Turns between two answers of the persona are the lines of
    one question, named when several people speak or another persona spoke. An answer that left
    no text (it failed, or was stopped before its first word) is left out together with what it
    was to answer: a question too long for the model would else fail every one after it.
    With `history` "none" only what people asked since the last answer of anybody counts; with
    "own" the persona does not hear what was said between people and other personas.
    """
    if history in ("none", 0):
        turns = [turn for turn in turns[_last_answer(turns) :] if turn.asks]
    several = len({turn.author.id for turn in turns if turn.role == "user"}) > 1
    exchanges: list[Exchange] = []
    lines: list[str] = []
    unanswered = 0  # the lines from here on are what people said since the last answer
    for turn in turns:
        if turn.state is TurnState.PENDING:
            continue
        if turn.role == "user":
            lines += _said(turn, several)
        elif not _answered(turn):
            del lines[unanswered:]
        elif _name(turn) == persona:
            asked = "\n".join(lines)
            exchanges.append(Exchange(turn=turn.id, question=asked, answer=turn.raw))
            lines, unanswered = [], 0
        elif history == "own":
            lines, unanswered = [], 0
        else:
            name = titles.get(_name(turn)) or turn.author.name
            lines.append(_named(name, turn.shown or turn.raw))
            unanswered = len(lines)
    return exchanges, "\n".join(lines)


def _last_answer(turns: Sequence[Turn]) -> int:
    """Return the index after the last turn of a persona that came to an end."""
    for index in range(len(turns), 0, -1):
        turn = turns[index - 1]
        if turn.role == "persona" and turn.state is not TurnState.PENDING:
            return index
    return 0


def _name(turn: Turn) -> str:
    """Return the persona's name without its mode: a persona hears itself in every mode."""
    return turn.persona.partition(":")[0]


def _answered(turn: Turn) -> bool:
    return turn.state is not TurnState.FAILED and bool(turn.raw.strip())


def _said(turn: Turn, several: bool) -> list[str]:
    if turn.state is TurnState.FAILED or not turn.raw:
        return []
    return [_named(turn.author.name, turn.raw) if several else turn.raw]


def _named(name: str, text: str) -> str:
    # A name with a line end in it could pass for somebody else's line.
    return f"{' '.join(name.split())}: {text}"
