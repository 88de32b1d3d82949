"""A log line as people read it, and as machines do."""

import logging
from datetime import UTC, datetime

import msgspec

from madang.marks import Mark, marks
from madang.operating.redaction import redacted


class MarkFilter(logging.Filter):
    """Keep with each record what was being worked on when and where it was made."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass."""
        record.marks = dict(marks())
        return True


class TextFormat(logging.Formatter):
    """Write the local time, the level, the request or else the turn, and the message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it the traceback of an exception."""
        about = _marks(record)
        request = about.get("request") or about.get("turn")
        record.request = f"[{request}] " if request else ""
        return redacted(super().format(record))


class JsonFormat(logging.Formatter):
    """Write one object a line; Korean as it is, times in UTC to the millisecond."""

    def format(self, record: logging.LogRecord) -> str:
        """Return `time`, `level`, `logger`, `message`, the marks, and an `exception` as text."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Mark] = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
            **_marks(record),
        }
        if record.exc_info:
            line["exception"] = redacted(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = redacted(self.formatStack(record.stack_info))
        return _encoded(line)


def _marks(record: logging.LogRecord) -> dict[str, Mark]:
    found: dict[str, Mark] = getattr(record, "marks", {})
    return found


def _encoded(line: dict[str, Mark]) -> str:
    try:
        return msgspec.json.encode(line).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: what people type and models say may hold one.
        clean = {
            key: value.encode(errors="replace").decode() if isinstance(value, str) else value
            for key, value in line.items()
        }
        return msgspec.json.encode(clean).decode()
