"""Dead letters in words."""

import time
from collections.abc import Iterator, Sequence

import msgspec

from madang.contract import Request, Sampling
from madang.fleet.words import line, plain, span
from madang.models.printer import size
from madang.queue.redis.dead import Letter, Retried

SHOWN_CHARACTERS = 4000
"""How much of a prompt is shown; the whole is in the body."""

WHY = {
    "dead": "every worker that took it was lost",
    "malformed": "no worker could read it",
}
REFUSALS = {
    "busy": "too much is waiting: try again when the queue is shorter",
    "conversation_busy": "its conversation waits for another answer: try again later",
    "no_worker": "no worker serves its model: start one with `madang worker`",
    "under_way": "it waits or runs again already: drop the letter",
    "gone": "somebody else has put it back or dropped it",
    "unreadable": "this version cannot read it: see `madang dead show`",
}


def list_text(letters: Sequence[Letter]) -> str:
    """Lay out one line a letter."""
    if not letters:
        return "no dead letters"
    head = ("id", "when", "why", "model", "user", "failures")
    rows = [head, *(_row(letter) for letter in letters)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_laid_out(row, widths) for row in rows)


def list_json(letters: Sequence[Letter]) -> str:
    """Return one JSON list; `written` is in seconds since the epoch, `size` in bytes."""
    rows = [{**msgspec.to_builtins(each), "written": each.written} for each in letters]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def show_text(letter: Letter, request: Request | None) -> str:
    """Tell everything of a letter; its prompt is bounded."""
    rows = [
        ("id", letter.id),
        ("when", f"{_when(letter)}, {span(time.time() - letter.written)} ago"),
        ("why", f"{letter.why}: {WHY.get(letter.why, 'not known to this version')}"),
        ("failures", str(letter.failures)),
        ("model", letter.model),
        ("user", letter.user),
        ("bot", letter.bot),
        ("size", size(letter.size)),
    ]
    if request is not None:
        rows += _request_rows(request)
    lines = [f"{name:<14}{line(words)}" for name, words in rows if words]
    if request is None:
        lines.append("\nThe request cannot be read by this version; --raw writes it as it is.")
        return "\n".join(lines)
    return "\n".join([*lines, "", *_prompt(request)])


def retried_text(letter: Letter, retried: Retried) -> str:
    """Tell what became of a letter that was to be put back."""
    name = line(letter.name)
    if retried.admission != "ok":
        return f"{name}: stays, {REFUSALS.get(retried.admission, retried.admission)}"
    if not retried.told:
        return f"{name}: put back, place {retried.position}; its bot shows the answer when it is up"
    return (
        f"{name}: put back, place {retried.position}; its bot has said that there is no answer, "
        "or is gone for good: the new one is kept for an hour, and nobody is shown it"
    )


def _row(letter: Letter) -> tuple[str, ...]:
    words = (letter.name, _when(letter), letter.why, letter.model, letter.user)
    return (*map(line, words), str(letter.failures))


def _when(letter: Letter) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(letter.written))


def _laid_out(row: Sequence[str], widths: Sequence[int]) -> str:
    gaps = [" " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
    words = [cell + gap for cell, gap in zip(row[:-1], gaps[:-1], strict=True)]
    return "  ".join([*words, gaps[-1] + row[-1]])


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _request_rows(request: Request) -> Iterator[tuple[str, str]]:
    yield "class", request.request_class
    yield "conversation", request.conversation
    yield "adapter", request.adapter
    off = Sampling()
    for name in Sampling.__struct_fields__:
        value = getattr(request.sampling, name)
        if value != getattr(off, name) or name == "max_new_tokens":
            yield name, repr(value) if name == "stop" else str(value)


def _prompt(request: Request) -> Iterator[str]:
    """Give the beginning, which the persona wrote, and the end, which was asked last."""
    segments = request.prompt.segments
    whole = "\n".join(f"[{each.role}]\n{plain(each.text)}" for each in segments)
    left_out = len(whole) - SHOWN_CHARACTERS
    if left_out <= 0:
        yield whole
        return
    yield whole[: SHOWN_CHARACTERS // 2]
    yield f"\n… {left_out:,} characters left out; --raw writes all of them …\n"
    yield whole[-SHOWN_CHARACTERS // 2 :]
