"""Where the log goes, in which form, and how much of it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from madang.errors import MadangError, SettingsError
from madang.settings import LogSettings
from madang.setup import Setup

_log = logging.getLogger(__name__)

# What these say below a warning is of no use to who runs madang; httpx logs addresses with tokens.
TALKATIVE = (
    "asyncio",
    "filelock",
    "hpack",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "huggingface_hub",
    "torch",
    "transformers",
    "urllib3",
)


@contextmanager
def logged(setup: Setup, *, screen: bool = True) -> Iterator[None]:
    """Log as the profile's [logs] says until the end of the block, warnings of Python included.

    What ends the block stands in the log too. Without `screen` and without a file little is
    written: the screen belongs to a talk, in which people are told why an answer failed. Raises
    `SettingsError` for a file that cannot be written.
    """
    settings = setup.settings.logs
    if not screen and not settings.file:
        with _levels({logging.getLogger("madang.worker"): logging.ERROR}):
            yield
        return
    handler = _handler(settings, setup.live.loaded.path)
    with _attached(handler, logging.getLevelNamesMapping()[settings.level.upper()]):
        try:
            yield
        except Exception as error:
            # On standard error, in words, the command itself says it.
            if settings.file or settings.format == "json":
                bug = None if isinstance(error, MadangError) else error
                _log.critical("stopped: %s", error, exc_info=bug)
            raise


@contextmanager
def _attached(handler: logging.Handler, level: int) -> Iterator[None]:
    levels = {logging.getLogger(name): max(level, logging.WARNING) for name in TALKATIVE}
    levels[logging.getLogger()] = level
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)
    try:
        with _levels(levels):
            yield
    finally:
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(handler)
        handler.close()


@contextmanager
def _levels(levels: Mapping[logging.Logger, int]) -> Iterator[None]:
    before = {logger: logger.level for logger in levels}
    try:
        for logger, level in levels.items():
            logger.setLevel(level)
        yield
    finally:
        for logger, level in before.items():
            logger.setLevel(level)


def _handler(settings: LogSettings, profile: Path) -> logging.Handler:
    # A talk without a log starts without them.
    from madang.operating.formats import JsonFormat, MarkFilter, TextFormat

    handler = _file(settings.file, profile) if settings.file else logging.StreamHandler()
    handler.setFormatter(JsonFormat() if settings.format == "json" else TextFormat())
    handler.addFilter(MarkFilter())
    return handler


def _file(file: str, profile: Path) -> logging.Handler:
    from logging.handlers import WatchedFileHandler

    path = Path(file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return WatchedFileHandler(path, encoding="utf-8", errors="replace")
    except OSError as error:
        raise SettingsError(
            f"{profile}: logs.file: {path} cannot be written: {error.strerror or error}.",
            "Name a file that this user may write, or none: the log then goes to standard error.",
        ) from error
