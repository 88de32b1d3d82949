"""The text of one answer as its tokens come."""

from collections.abc import Sequence
from typing import Literal

from madang.contract import Output, Sampling
from madang.errors import ModelError, PromptTooLong
from madang.inference.detokenizer import Detokenizer
from madang.inference.loaded import Loaded
from madang.inference.stop import StopStrings


class Written:
    """Turn tokens into outputs until an end token, a stop string or the last token allowed."""

    def __init__(self, loaded: Loaded, sampling: Sampling, prompt_tokens: int, room: int) -> None:
        self.reason: Literal["", "stop", "length"] = ""
        self.tokens = 0
        self.cached = 0
        self._prompt_tokens = prompt_tokens
        self._room = room
        self._ends = loaded.ends | loaded.special_named(sampling.stop)
        self._stops = StopStrings(sampling.stop)
        self._detokenizer = Detokenizer(loaded.decode, loaded.skipped)

    def push(self, token: int) -> Output | None:
        """Take a token and return what it shows, None where that is nothing yet.

        The output that ends the answer carries the `reason` and the rest of the text.
        """
        self.tokens += 1
        if token in self._ends:
            return self._end("stop", "")
        text = self._stops.feed(self._detokenizer.push(token))
        if self._stops.found:
            return self._end("stop", text)
        if self.tokens == self._room:
            return self._end("length", text)
        return self._output(text) if text else None

    def end(self) -> Output:
        """End the answer before its first token: there is no room for any."""
        return self._end("length", "")

    def _end(self, reason: Literal["stop", "length"], text: str) -> Output:
        self.reason = reason
        if not self._stops.found:
            text += self._stops.feed(self._detokenizer.flush()) + self._stops.flush()
        return self._output(text)

    def _output(self, text: str) -> Output:
        return Output(
            text=text,
            reason=self.reason,
            prompt_tokens=self._prompt_tokens,
            output_tokens=self.tokens,
            cached_tokens=self.cached,
        )


def room_for(name: str, prompt: Sequence[int], context: int, sampling: Sampling) -> int:
    """Return how many tokens an answer may have.

    Raises `ModelError` for an empty prompt and `PromptTooLong` for one that leaves no room.
    """
    if not prompt:
        raise ModelError(
            f"the prompt for model '{name}' is empty",
            "Put a text of its own into the form's `question` or `head`.",
        )
    if len(prompt) >= context:
        raise PromptTooLong(
            f"the prompt has {len(prompt)} tokens and model '{name}' reads {context}, prompt and "
            "answer together",
            "Ask in fewer words, or bind a model with a longer context.",
        )
    return max(0, min(sampling.max_new_tokens, context - len(prompt)))
