"""An answer's state in words that every bot says alike."""

from madang.contract import Progress
from madang.conversation import Update
from madang.texts import Texts


def waiting(texts: Texts, update: Update, *, place: int = 2) -> str:
    """Say what an answer without text waits for; empty where nothing is known but that it does.

    A place in the queue is told from `place` on where nobody knows how long it takes.
    """
    if update.attempt > 1:
        return texts("progress.attempt", attempt=update.attempt, attempts=update.attempts)
    match update.progress:
        case Progress(phase="queued", position=position, eta=float(eta)) if position:
            return texts("progress.queued_eta", position=position, eta=max(1, round(eta)))
        case Progress(phase="queued", position=position) if position >= place:
            return texts("progress.queued", position=position)
        case Progress(phase="loading", done=float(done)):
            return texts("progress.loading_done", done=round(100 * done))
        case Progress(phase="loading"):
            return texts("progress.loading")
        case Progress(phase="generating"):
            return texts("progress.generating")
    return ""
