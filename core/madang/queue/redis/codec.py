"""How requests and events are written: MessagePack by schema, never pickled."""

from collections.abc import Sequence

import msgspec

from madang.contract import End, Event, Piece, Progress, Request
from madang.errors import RequestTooLarge

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_events = msgspec.msgpack.Decoder(list[Piece | Progress])
_ends = msgspec.msgpack.Decoder(End)


def write_request(request: Request, limit: int) -> bytes:
    """Encode a request; `RequestTooLarge` when it has more than `limit` bytes."""
    body = _encoder.encode(request)
    if len(body) > limit:
        raise RequestTooLarge(
            f"Request '{request.id}' has {len(body):,} bytes, and {limit:,} may be queued.",
            "Shorten the message, or lower limits.prompt_bytes.",
        )
    return body


def read_request(body: bytes, request: str) -> Request | None:
    """Decode the request of an id; None when it is none, or a newer version wrote it."""
    try:
        found = _requests.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if found.id == request else None


def write_events(events: Sequence[Event] | End) -> bytes:
    """Encode a flush of events, or one end."""
    return _encoder.encode(events)


def read_events(data: bytes) -> Sequence[Event] | None:
    """Decode a flush of events; None when it is none."""
    try:
        return _events.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def read_end(data: bytes) -> End | None:
    """Decode one end; None when it is none."""
    try:
        return _ends.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
