"""Prompts and requests for tests, with everything filled in that a test does not care about."""

import itertools
import time
from collections.abc import Sequence

from madang.contract import Part, Prompt, Request, RequestClass, Sampling, Segment
from madang.contract.prompt import ChatRole, SegmentKind

_numbers = itertools.count(1)


def a_prompt(
    question: str = "안녕", *, head: str = "", history: Sequence[tuple[str, str]] = ()
) -> Prompt:
    """Make a chat prompt of a head, earlier exchanges and a question."""
    segments = [Segment(kind="head", role="system", parts=(Part(head),))] if head else []
    for number, (asked, answered) in enumerate(history, start=1):
        turn = f"turn-{number}"
        segments += [_said("turn", "user", asked, turn), _said("turn", "assistant", answered, turn)]
    return Prompt("chat", (*segments, _said("tail", "user", question)))


def a_request(
    question: str = "안녕",
    *,
    id: str = "",
    nonce: str = "nonce",
    conversation: str = "",
    user: str = "user",
    model: str = "echo",
    adapter: str = "",
    prompt: Prompt | None = None,
    sampling: Sampling | None = None,
    deadline: float | None = None,
    request_class: RequestClass = "interactive",
) -> Request:
    """Make a request, in a conversation of its own, due in two minutes unless told otherwise."""
    id = id or f"request-{next(_numbers)}"
    return Request(
        id=id,
        nonce=nonce,
        conversation=conversation or f"conversation-of-{id}",
        user=user,
        model=model,
        adapter=adapter,
        prompt=prompt or a_prompt(question),
        sampling=sampling or Sampling(),
        deadline=time.time() + 120 if deadline is None else deadline,
        request_class=request_class,
    )


def _said(kind: SegmentKind, role: ChatRole, text: str, turn: str = "") -> Segment:
    return Segment(kind=kind, role=role, parts=(Part(text, quoted=True),), turn=turn)
