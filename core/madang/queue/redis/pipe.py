"""The commands of one moment, sent together over one connection."""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError, TimeoutError

Word = str | bytes | int | float

AT_ONCE = 128


class Line:
    """Hold one connection of a client, made when it is needed and dropped after an error."""

    def __init__(self, client: Redis, seconds: float) -> None:
        # Connections are not typed.
        self._pool: Any = client.connection_pool
        self._seconds = seconds
        self._connection: Any = None

    async def exchange(self, commands: Sequence[bytes]) -> list[Any]:
        """Send packed commands and return their answers; what the server refuses is one too.

        Any other error is raised, `TimeoutError` when the answers take too long: then nobody
        knows which of the commands were done.
        """
        try:
            async with asyncio.timeout(self._seconds):
                connection = await self._connected()
                await connection.send_packed_command(b"".join(commands), check_health=False)
                return [await _answer(connection) for _ in commands]
        except BaseException as error:
            await self._drop(wait=False)
            if isinstance(error, asyncio.TimeoutError):
                raise TimeoutError(f"no answer within {self._seconds:g} seconds") from None
            raise

    async def close(self) -> None:
        """Close the connection; the next exchange makes another."""
        await self._drop(wait=True)

    async def _drop(self, *, wait: bool) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.disconnect(nowait=not wait)
            finally:
                await self._pool.release(connection)

    async def _connected(self) -> Any:
        # What can be read before anything was asked is the end of the connection.
        if self._connection is not None and await self._connection.can_read():
            await self._drop(wait=False)
        if self._connection is None:
            self._connection = await self._pool.get_connection()
        return self._connection


class Pipe:
    """Send what is asked while the line is busy together as soon as it is free.

    Who asks alone is served at once, and many who ask at the same time pay for one trip. Nothing
    is ever sent twice; who stops waiting for an answer disturbs nobody else.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._asked: list[tuple[bytes, asyncio.Future[Any]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def ask(self, *command: Word) -> Any:
        """Return the answer to a command, or raise what the server or the way to it refuses."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.append((packed(*command), answer))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return await answer

    async def close(self) -> None:
        """Close the connection, though answers be on their way that nobody waits for."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})
        await self._line.close()

    async def _send(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:AT_ONCE], self._asked[AT_ONCE:]
                await self._exchange(batch)
        finally:
            self._sending = None
            for _, answer in self._asked:
                answer.cancel()

    async def _exchange(self, batch: Sequence[tuple[bytes, asyncio.Future[Any]]]) -> None:
        try:
            answers = await self._line.exchange([command for command, _ in batch])
        except BaseException as error:
            for _, waiting in batch:
                _tell(waiting, error)
            if not isinstance(error, RedisError | OSError):
                raise
            return
        for (_, waiting), answer in zip(batch, answers, strict=True):
            _tell(waiting, answer)


def _tell(waiting: asyncio.Future[Any], answer: Any) -> None:
    if isinstance(answer, asyncio.CancelledError):
        waiting.cancel()
    elif not waiting.done():
        if isinstance(answer, BaseException):
            waiting.set_exception(answer)
        else:
            waiting.set_result(answer)


def packed(*command: Word) -> bytes:
    """Write a command as a RESP array of bulk strings."""
    parts = [b"*%d\r\n" % len(command)]
    for word in command:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


async def _answer(connection: Any) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as refusal:
        return refusal
