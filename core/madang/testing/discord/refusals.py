"""What the service says no with: HTTP status, error code and the tree of a bad form."""

from typing import Any

Json = dict[str, Any]

UNKNOWN = {
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10014: "Unknown Emoji",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    10063: "Unknown application command",
}
FORBIDDEN = {
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
}
BAD = {
    30007: "Maximum number of webhooks reached (15)",
    30034: "Max number of daily application command creates has been reached (200)",
    40060: "Interaction has already been acknowledged.",
    50006: "Cannot send an empty message",
    50016: "Provided too few or too many messages to delete. Must provide at least 2 and fewer "
    "than 100 messages to delete.",
    50024: "Cannot execute action on this channel type",
    50083: "Thread is archived",
    160004: "A thread has already been created for this message",
}


class Refusal(Exception):
    """End a request with an error answer."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, "code": code}
        if errors is not None:
            self.body["errors"] = errors


def unknown(code: int) -> Refusal:
    """Return a 404 for something that is not there."""
    return Refusal(404, code, UNKNOWN[code])


def forbidden(code: int = 50013) -> Refusal:
    """Return a 403."""
    return Refusal(403, code, FORBIDDEN[code])


def bad(code: int) -> Refusal:
    """Return a 400 with a code of its own."""
    return Refusal(400, code, BAD[code])


class Form:
    """Collect what is wrong with a body, by dotted path, and refuse it as a whole."""

    def __init__(self) -> None:
        self.errors: Json = {}

    def wrong(self, path: str, code: str, message: str) -> None:
        """Note one mistake at a path such as `embeds.0.title`."""
        place = self.errors
        for key in path.split("."):
            place = place.setdefault(key, {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, value: object, low: int, high: int) -> None:
        """Note a text or list whose length is outside of `low` to `high`."""
        if not isinstance(value, str | list):
            self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif len(value) > high:
            unit = " in length" if isinstance(value, str) else " items"
            self.wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer{unit}.")
        elif len(value) < low:
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")

    def done(self) -> None:
        """Refuse with 400/50035 when anything was wrong."""
        if self.errors:
            raise Refusal(400, 50035, "Invalid Form Body", self.errors)
