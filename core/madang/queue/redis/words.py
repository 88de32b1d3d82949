"""Ends that no worker wrote, in words."""

from msgspec.structs import replace

from madang.contract import End
from madang.queue.entry import lost
from madang.queue.log import Log


def end_for(log: Log, why: str) -> End:
    """Make the end of a request for a reason that a script gave, with the text so far."""
    if why == "cancelled":
        attempt = max(1, log.attempt)
        return End(request=log.request, text=log.text, reason="cancelled", attempt=attempt)
    return lost(log, _WORDS.get(why, _WORDS["unknown"]).format(log.request))


def end_of(log: Log, end: End | None, why: str) -> End:
    """Take the end that a worker wrote, or else make one; either fits the log."""
    found = end or end_for(log, why)
    return replace(found, attempt=max(found.attempt, log.attempt))


_WORDS = {
    "overdue": "No worker took request '{}' before its deadline.",
    "dead": "Request '{}' was lost by every worker that took it.",
    "malformed": "Request '{}' cannot be read by its worker.",
    "unknown": "The queue does not know request '{}'.",
}
