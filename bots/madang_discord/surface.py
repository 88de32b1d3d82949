"""Messages of one answer in a channel, as what grows writes to."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from discord.http import MultipartParameters, Route

from madang.delivery import Budget, Gone, Missing, Surface, TooFast
from madang_discord.content import Content, Heading, change, creation
from madang_discord.rest import Answer, Hiccup, Refusal, Rest

_log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
NONCE_CHARACTERS = 20
UNKNOWN_MESSAGE = 10008

Note = Callable[[Sequence[str]], Awaitable[bool]]
"""Keep the ids of an answer's messages; False when the answer is not there any more."""


class ChannelSurface:
    """Write the messages of one answer in a channel.

    `name` is the same whenever the same answer is written, also by another process: a message
    that was sent without our hearing of it is then not sent twice. One of the messages `before`,
    which an earlier answer or process left, may have been deleted unheard: it is sent anew.
    """

    def __init__(
        self,
        rest: Rest,
        budget: Budget,
        channel: int,
        *,
        name: str,
        heading: Heading,
        before: Sequence[str] = (),
    ) -> None:
        self._rest = rest
        self._budget = budget
        self._channel = channel
        self._name = name[:NONCE_CHARACTERS]
        self._heading = heading
        self._before = set(before)
        self._deleted = 0
        self._failures = 0

    async def send(self, content: Content, number: int) -> str:
        """Send part `number`; the first one answers the question.

        Where it turns out to be there already, it may still show what it was first sent with.
        """
        asker = self._heading.asker if number == 0 else 0
        heading = self._heading if number == 0 else Heading(asker=asker)
        nonce = f"{self._name}{number + 100 * self._deleted:x}"
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=self._channel)
        sent = await self._call(route, creation(content, heading, self._channel, nonce))
        message = str(sent.data["id"])
        if str(sent.data.get("content", "")).strip() != content.text.strip():
            await self.edit(message, content)
        return message

    async def edit(self, message: str, content: Content) -> None:
        """Change a message."""
        try:
            await self._call(self._route("PATCH", message), change(content, self._heading.asker))
        except Refusal as refusal:
            if refusal.code != UNKNOWN_MESSAGE or message not in self._before:
                raise
            self._deleted += 1
            raise Missing(str(refusal)) from refusal
        # From now on its deletion is heard, and somebody's wish.
        self._before.discard(message)

    async def delete(self, message: str) -> None:
        """Delete a message; its place in the answer may be taken by a new one."""
        self._deleted += 1
        await self._call(self._route("DELETE", message))

    def _route(self, method: str, message: str) -> Route:
        path = "/channels/{channel_id}/messages/{message_id}"
        return Route(method, path, channel_id=self._channel, message_id=int(message))

    async def _call(self, route: Route, params: MultipartParameters | None = None) -> Answer:
        answer = await self._patiently(self._rest.call(route, params))
        if answer.remaining is not None:
            self._budget.learn(
                asyncio.get_running_loop().time(),
                remaining=answer.remaining,
                reset_after=answer.reset_after,
                # Previews are edits; Discord counts these apart from other calls.
                preview=route.method == "PATCH",
            )
        return answer

    async def _patiently(self, call: Awaitable[T]) -> T:
        """Wait for a call; one that failed without a reason is made again a little later."""
        try:
            result = await call
        except Hiccup as hiccup:
            self._failures += 1
            pause = min(FIRST_PAUSE * 2 ** (self._failures - 1), LONGEST_PAUSE)
            _log.warning("Discord: %s; again in %.1f s", hiccup, pause)
            raise TooFast(pause) from hiccup
        self._failures = 0
        return result


class Owned:
    """Write an answer's messages while they are its own, and have their ids kept.

    An answer that is made anew takes over the messages of the one before: what that one still
    has to say must not overwrite them.
    """

    def __init__(
        self,
        surface: Surface[Content],
        turn: str,
        owners: dict[str, str],
        note: Note,
        messages: Sequence[str],
    ) -> None:
        self._surface = surface
        self._turn = turn
        self._owners = owners
        self._note = note
        self._messages = list(messages)
        self._unwanted = ""
        owners.update(dict.fromkeys(messages, turn))

    async def send(self, content: Content, number: int) -> str:
        """Send a part and keep its id; one that nobody waits for any more is taken back."""
        if not self._unwanted:
            message = await self._surface.send(content, number)
            self._messages.append(message)
            self._owners[message] = self._turn
            if await self._note(self._messages):
                return message
            self._unwanted = message
        # Where this is turned away it is tried again from the top, and must not send another one.
        await self._surface.delete(self._unwanted)
        raise Gone("the answer was deleted")

    async def edit(self, message: str, content: Content) -> None:
        """Change a message that is still this answer's; one that cannot be changed goes away."""
        self._check(message)
        try:
            await self._surface.edit(message, content)
        except Missing:
            with contextlib.suppress(Refusal):
                await self.delete(message)
            self._owners.pop(message, None)
            raise

    async def delete(self, message: str) -> None:
        """Delete a message; its id goes first, so that nobody takes it for a person's deed."""
        self._check(message)
        if message in self._messages:
            self._messages.remove(message)
            if not await self._note(self._messages):
                # Who took the answer back has its messages, perhaps for another one.
                raise Gone("the answer was deleted")
        await self._surface.delete(message)
        del self._owners[message]

    def release(self) -> None:
        """Let go of what is still this answer's."""
        for message in self._messages:
            if self._owners.get(message) == self._turn:
                del self._owners[message]

    def _check(self, message: str) -> None:
        if self._owners.get(message) != self._turn:
            raise Gone("another answer is shown there")
