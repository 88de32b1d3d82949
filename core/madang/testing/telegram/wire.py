"""What travels: JSON objects, and the answer to a request that is refused."""

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """Carry the error answer to a request; `code` is both the HTTP status and `error_code`."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def payload(self) -> Json:
        """Return the body of the answer."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return {**body, "parameters": self.parameters} if self.parameters else body


def bad_request(description: str) -> Refusal:
    """Make the answer to a request that can never succeed as it is."""
    return Refusal(400, f"Bad Request: {description}")


def forbidden(description: str) -> Refusal:
    """Make the answer to a request that somebody does not let the bot do."""
    return Refusal(403, f"Forbidden: {description}")


def flooded(seconds: int) -> Refusal:
    """Make the answer to a request that came too soon."""
    parameters = {"retry_after": seconds}
    return Refusal(429, f"Too Many Requests: retry after {seconds}", parameters)
