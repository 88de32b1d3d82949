"""What goes wrong with a server, in words that name it and the next step."""

import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass

from madang.contract import Server
from madang.errors import ModelError
from madang.openai.key import key_place
from madang.openai.wire import decode, words_of

PATIENCE_SECONDS = 30.0
"""How long a server may ask to be waited for before a request is given up instead."""

WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
SHOWN = 300  # characters of a server's own words


@dataclass(frozen=True)
class Refusal:
    """Hold an error, and after how many seconds to ask again; None when that is of no use."""

    error: ModelError
    again: float | None = None


class Problems:
    """Word the problems of one server; its key never shows, whatever the server repeats."""

    def __init__(self, name: str, server: Server, base: str, key: str) -> None:
        self._name = name
        self._server = server
        self._base = base
        self._key = key
        self._table = f"[models.{name}.server]"

    def of_status(self, status: int, headers: Mapping[str, str], body: str) -> Refusal:
        """Word an answer that is no success."""
        words = self._said(body)
        if status in (401, 403):
            return Refusal(self._unwelcome(status))
        if status == 404:
            hint = f"Check `model` and `url` of {self._table}; url is where /models is found."
            return Refusal(self._error(f"does not know what it was asked for{words}", hint))
        if 300 <= status < 400:
            where = headers.get("location", "elsewhere")
            hint = f"Set `url` of {self._table} to the address that answers itself."
            return Refusal(self._error(f"sends requests on to {where}", hint))
        if status in WORTH_ANOTHER_TRY:
            return self._busy(status, headers, words)
        if status >= 500:
            return Refusal(self._error(f"failed with status {status}{words}", "See its log."))
        hint = f"Check `kind` and `context` of [models.{self._name}], and the persona's sampling."
        return Refusal(self._error(f"refused the request with status {status}{words}", hint))

    def of_transport(self, error: Exception, *, begun: bool) -> Refusal:
        """Word a connection that could not be made, broke, or fell silent."""
        import httpx2

        why = self._hidden(str(error)) or type(error).__name__
        if isinstance(error, httpx2.ReadTimeout):
            waited = f"sent nothing for {self._server.read_seconds:g} seconds"
            hint = f"It may be overloaded: lower `slots` or raise `read_seconds` of {self._table}."
            return Refusal(self._error(waited, hint))
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.InvalidURL):
            hint = f"Start it, or correct `url` of {self._table}."
            return Refusal(self._error(f"cannot be reached: {why}", hint), 0.0)
        if isinstance(error, httpx2.SSEError):
            return Refusal(self.malformed(why))
        where = "in the middle of an answer" if begun else "before it answered"
        broken = self._error(f"broke off {where}: {why}", "See its log; ask again.")
        return Refusal(broken, None if begun else 0.0)

    def unfinished(self) -> ModelError:
        """Word a stream that ended without saying why."""
        return self._error("ended an answer without finishing it", "See its log; ask again.")

    def failed(self, words: str) -> ModelError:
        """Word an error inside a stream."""
        return self._error(f"failed while it answered{self._quoted(words)}", "See its log.")

    def malformed(self, what: str) -> ModelError:
        """Word an answer that cannot be read."""
        hint = f"Check `url` of {self._table}: it must lead to an API like that of OpenAI."
        return self._error(f"sent what cannot be read{self._quoted(what)}", hint)

    def ended_by(self, reason: str) -> ModelError:
        """Word a reason to end that is neither a stop nor the length."""
        if reason == "content_filter":
            hint = "Ask otherwise, or change the filter at the server."
            return self._error("held the answer back by a content filter of its own", hint)
        return self._error(f"ended the answer for a reason unknown here, '{reason}'", "")

    def not_there(self, what: str, hint: str) -> ModelError:
        """Word a model or an adapter that the server does not serve."""
        return self._error(f"does not serve {what}", hint)

    def _unwelcome(self, status: int) -> ModelError:
        place = key_place(self._server)
        if not place:
            hint = f"Set api_key_env or api_key_file in {self._table}."
            return self._error(f"asks for an API key (status {status})", hint)
        hint = f"Correct the key in {place}."
        return self._error(f"does not accept the API key (status {status})", hint)

    def _busy(self, status: int, headers: Mapping[str, str], words: str) -> Refusal:
        wait = seconds_asked(headers.get("retry-after", ""))
        what = "has too many requests" if status == 429 else "is not ready"
        hint = f"Ask again in a moment; fewer `slots` in {self._table} ask less of it."
        error = self._error(f"{what} (status {status}){words}", hint)
        return Refusal(error, wait if wait <= PATIENCE_SECONDS else None)

    def _error(self, what: str, hint: str) -> ModelError:
        return ModelError(f"The server of model '{self._name}' at {self._base} {what}.", hint)

    def _said(self, body: str) -> str:
        if body.lstrip().startswith("<"):
            return " (it answered with a web page)"
        found = decode(body, object)
        return self._quoted(body if found is None else words_of(found))

    def _quoted(self, words: str) -> str:
        shown = " ".join(self._hidden(words).split())
        return f": {shown[:SHOWN].rstrip('.')}" if shown else ""

    def _hidden(self, words: str) -> str:
        return words.replace(self._key, "***") if self._key else words


def seconds_asked(header: str) -> float:
    """Read Retry-After: seconds, or a date; 0 where there is neither."""
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0
