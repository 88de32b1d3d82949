"""What there is to tell of one request, for readers who come early, late or slowly."""

from collections.abc import AsyncIterator, Iterator

from madang.contract import End, Event, Piece, Progress
from madang.errors import QueueClosed
from madang.queue.bell import Bell


class Log:
    """Keep the state of a request rather than its events; a reader is told what changed for it.

    So a late or slow reader gets the text it lacks in one piece and only the newest progress,
    and a log is never larger than the answer. `attempt` is 0 before the first delivery.
    """

    def __init__(self, request: str) -> None:
        self.request = request
        self.attempt = 0
        self.text = ""
        self.progress: Progress | None = None
        self.end: End | None = None
        self._version = 0
        self._closed = False
        self._bell = Bell()

    def begin(self, attempt: int) -> None:
        """Start the text anew for another delivery."""
        self.attempt = attempt
        self.text = ""
        self.progress = None

    def tell(self, event: Event) -> None:
        """Take an event in; what is known of a piece already is left out."""
        match event:
            case Piece():
                if event.offset <= len(self.text):
                    self.text += event.text[len(self.text) - event.offset :]
            case Progress():
                self.progress = event
            case End():
                self.progress, self.end = None, event
        self._version += 1
        self._bell.ring()

    def close(self) -> None:
        """End the waits of readers whose request has not ended."""
        self._closed = True
        self._bell.ring()

    async def read(self) -> AsyncIterator[Event]:
        """Stream all there is to tell; `QueueClosed` when it stops before the end."""
        reader = _Reader(self)
        while True:
            version = self._version
            for event in reader.news():
                yield event
                if isinstance(event, End):
                    return
            # The log may have grown while the reader was busy with what it was given.
            if version == self._version:
                await self._next()

    async def _next(self) -> None:
        if self._closed:
            raise QueueClosed("The queue was closed.", "Ask again after the restart.")
        await self._bell.wait()


class _Reader:
    """Remember what one reader was told."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._attempt = 0
        self._length = 0
        self._progress: Progress | None = None

    def news(self) -> Iterator[Event]:
        """Give what the reader lacks, oldest first."""
        log = self._log
        if log.progress is not None and log.progress is not self._progress:
            self._progress = log.progress
            yield log.progress
        if log.attempt != self._attempt:
            self._attempt, self._length = log.attempt, 0
        if len(log.text) > self._length:
            offset, self._length = self._length, len(log.text)
            text = log.text[offset:]
            yield Piece(request=log.request, offset=offset, text=text, attempt=log.attempt)
        if log.end is not None:
            yield log.end
