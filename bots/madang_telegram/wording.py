"""An answer's state in words: what it waits for, and how it ended."""

from madang.contract import Progress, TurnState
from madang.conversation import Reply, Update
from madang.texts import Texts


def waiting(texts: Texts, update: Update) -> str:
    """Say what an answer without text waits for; empty where it is just being thought of."""
    if update.attempt > 1:
        return texts("progress.attempt", attempt=update.attempt, attempts=update.attempts)
    match update.progress:
        case Progress(phase="queued", position=position, eta=float(eta)):
            return texts("progress.queued_eta", position=position, eta=round(eta))
        case Progress(phase="queued", position=position) if position > 1:
            return texts("progress.queued", position=position)
        case Progress(phase="loading", done=float(done)):
            return texts("progress.loading_done", done=round(100 * done))
        case Progress(phase="loading"):
            return texts("progress.loading")
        case Progress(phase="generating"):
            return texts("progress.generating")
    return ""


def endings(texts: Texts, reply: Reply, update: Update) -> list[str]:
    """Say how an answer ended where it did not simply end, and what else belongs under it."""
    said: list[str] = []
    if update.problem:
        said.append(texts.problem(update.problem))
    elif update.state is TurnState.STOPPED:
        said.append(texts("answer.stopped"))
    elif not update.text.strip():
        said.append(texts("answer.empty"))
    if update.cut:
        said.append(texts("answer.cut"))
    if reply.notice:
        said.append(reply.notice)
    return said
