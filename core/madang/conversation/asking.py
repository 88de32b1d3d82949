"""What an answer asks of a model: the prompt, and a request for every try."""

import time
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

import msgspec

from madang.contract import Author, Prompt, Request, Sampling, Turn
from madang.conversation.binding import Bound
from madang.persona import heard, render
from madang.settings import LimitSettings
from madang.window import cut

RETRY_TEMPERATURE = 0.7
"""A greedy form says the same thing every time: another try draws at this temperature."""

NOBODY = Author("", "")


@dataclass(kw_only=True)
class Asking:
    """Make the requests for one answer, `turn`, to what the end of the history asks.

    `turn` is as it was before the answer goes on. `variant` counts the answers before it to the
    same question. Requests of one `nonce` are the same ones, also after a restart.
    """

    bound: Bound
    turn: Turn
    history: Sequence[Turn]
    titles: Mapping[str, str]
    variant: int
    limits: LimitSettings
    nonce: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def author(self) -> Author:
        """Return who asks: where several do, the last of them."""
        said = [each for each in reversed(self.history) if each.role == "user"]
        return next((each.author for each in said if each.asks), NOBODY)

    def asked_by(self, author: str) -> bool:
        """Say whether somebody said any of what is being answered."""
        return any(turn.author.id == author for turn in self._asked)

    def answers(self, turn: str) -> bool:
        """Say whether a turn is part of what is being answered."""
        return any(each.id == turn for each in self._asked)

    @property
    def _asked(self) -> list[Turn]:
        return list(takewhile(lambda turn: turn.role == "user", reversed(self.history)))

    def prompt(self) -> tuple[str, Prompt]:
        """Return the question and the prompt around it, with as much history as may go along."""
        form = self.bound.form
        exchanges, question = heard(
            self.history, self.bound.persona.name, self.titles, history=form.history
        )
        most = self.limits.prompt_bytes
        sizes = [len(f"{each.question}{each.answer}".encode()) for each in exchanges]
        dropped = cut(sizes, max(most - len(question.encode()), 0), max(most // 4, 1))
        prompt = render(
            form,
            options=self.bound.options,
            exchanges=exchanges[dropped:],
            question=question,
            turn=self.turn.id,
            prefix=self.turn.raw,
        )
        return question, prompt

    def request(self, prompt: Prompt, attempt: int) -> Request:
        """Make the request of one try; attempts count from 1."""
        name = f"{self.turn.id}-{len(self.turn.raw)}-{attempt}"
        return Request(
            id=name,
            nonce=self.nonce,
            conversation=self.turn.conversation,
            user=self.author.id,
            model=self.bound.binding.model,
            adapter=self.bound.binding.adapter,
            prompt=prompt,
            sampling=self._sampling(name, self.variant + attempt - 1),
            deadline=time.time() + self._wait_seconds,
            request_class=self.bound.form.request_class,
        )

    @property
    def _wait_seconds(self) -> float:
        bulk = self.bound.form.request_class == "bulk"
        return self.limits.bulk_wait_seconds if bulk else self.limits.wait_seconds

    def _sampling(self, request: str, again: int) -> Sampling:
        sampling = self.bound.sampling
        seed = zlib.crc32(request.encode()) if sampling.seed is None else sampling.seed + again
        temperature = sampling.temperature
        if again and temperature == 0:
            temperature = RETRY_TEMPERATURE
        return msgspec.structs.replace(sampling, seed=seed, temperature=temperature)
