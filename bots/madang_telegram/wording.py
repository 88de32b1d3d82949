"""How an answer ended, in words."""

from madang.contract import TurnState
from madang.conversation import Reply, Update
from madang.texts import Texts
from madang_telegram.styled import sendable


def endings(texts: Texts, reply: Reply, update: Update) -> list[str]:
    """Say how an answer ended where it did not simply end, and what else belongs under it."""
    said: list[str] = []
    if update.problem:
        said.append(texts.problem(update.problem))
    elif update.state is TurnState.STOPPED:
        said.append(texts("answer.stopped"))
    elif not sendable(update.text).strip():
        said.append(texts("answer.empty"))
    if update.cut:
        said.append(texts("answer.cut"))
    if reply.notice:
        said.append(reply.notice)
    return said
