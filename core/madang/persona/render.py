"""From a form and what was said to a prompt."""

from collections.abc import Mapping, Sequence

from madang.contract import Exchange, Form, HistoryRule, Part, Prompt, Segment
from madang.persona.template import fill


def render(
    form: Form,
    *,
    options: Mapping[str, str],
    exchanges: Sequence[Exchange],
    question: str,
    turn: str = "",
    prefix: str = "",
) -> Prompt:
    """Return the prompt for one question, with as much history as the form wants.

    `options` gives every value that the frames name besides question and answer; `turn` is the
    id that the tail is tagged with; `prefix` is the text so far of an answer to be continued.
    `TemplateError` when a frame names a value that is not given.
    """
    values = {name: Part(value) for name, value in options.items()}
    segments = [*_head(form, values)]
    for exchange in recent(exchanges, form.history):
        segments += _exchange(form, values, exchange)
    parts = fill(form.template.question, values | {"question": Part(question, True)})
    segments.append(Segment(kind="tail", role="user", parts=parts, turn=turn))
    if prefix:
        parts = (Part(prefix, True),)
        segments.append(Segment(kind="tail", role="assistant", parts=parts, turn=turn))
    return Prompt(form.kind, tuple(segments), form.strip)


def recent(exchanges: Sequence[Exchange], rule: HistoryRule) -> Sequence[Exchange]:
    """Return the exchanges that a history rule lets through."""
    if rule == "all":
        return exchanges
    if rule == "none" or rule <= 0:
        return ()
    return exchanges[-rule:]


def _head(form: Form, values: Mapping[str, Part]) -> tuple[Segment, ...]:
    parts = fill(form.template.head, values)
    return (Segment(kind="head", role="system", parts=parts),) if parts else ()


def _exchange(form: Form, values: dict[str, Part], exchange: Exchange) -> tuple[Segment, Segment]:
    asked = fill(form.template.past_question, values | {"question": Part(exchange.question, True)})
    answered = fill(form.template.past_answer, values | {"answer": Part(exchange.answer, True)})
    return (
        Segment(kind="turn", role="user", parts=asked, turn=exchange.turn),
        Segment(kind="turn", role="assistant", parts=answered, turn=exchange.turn),
    )
