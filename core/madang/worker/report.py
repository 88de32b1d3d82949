"""What a worker says of itself to those who watch a deployment."""

import msgspec

from madang.contract import Metrics


class ModelReport(msgspec.Struct, frozen=True, kw_only=True):
    """Tell of one backend: the names that share it, and how many of its slots are taken."""

    models: tuple[str, ...]
    loaded: bool
    slots: int
    running: int
    metrics: Metrics


class WorkerReport(msgspec.Struct, frozen=True, kw_only=True):
    """Tell of one worker; `started` is in seconds since the epoch."""

    worker: str
    host: str
    version: str
    started: float
    draining: bool
    models: tuple[ModelReport, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(WorkerReport)


def write_report(report: WorkerReport) -> bytes:
    """Encode a report."""
    return _encoder.encode(report)


def read_report(data: bytes) -> WorkerReport | None:
    """Decode a report; None when it is none, or a version wrote it that says other things."""
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
