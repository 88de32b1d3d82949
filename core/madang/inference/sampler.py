"""One request's draw of the next token, by transformers' own logits processors.

They are applied in the order of `generate`: repetition penalty, then, when sampling,
temperature, top-k, top-p and min-p, all in fp32.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from madang.contract import Sampling
from madang.errors import UnsupportedParameter

if TYPE_CHECKING:
    import torch
    from transformers import LogitsProcessor, LogitsProcessorList


class Sampler:
    """Draw tokens for one request and remember them, since the repetition penalty looks back.

    `room` is how many tokens will be drawn at most. Equal seeds give equal tokens.
    """

    def __init__(
        self, sampling: Sampling, prompt: Sequence[int], room: int, device: "torch.device"
    ) -> None:
        import torch

        self._ids = torch.zeros((1, len(prompt) + room), dtype=torch.long, device=device)
        self._ids[0, : len(prompt)] = torch.tensor(prompt, dtype=torch.long)
        self._length = len(prompt)
        self._greedy = sampling.temperature == 0
        self._processors = processors(sampling)
        self._generator = _generator(sampling.seed, device)

    def draw(self, logits: "torch.Tensor") -> int:
        """Choose a token from `logits`, one row of vocabulary size."""
        seen = cast("torch.LongTensor", self._ids[:, : self._length])
        scores = self._processors(seen, logits.float())
        chosen = scores.argmax(dim=-1) if self._greedy else self._random(scores)
        self._ids[:, self._length] = chosen
        self._length += 1
        return int(chosen)

    def _random(self, scores: "torch.Tensor") -> "torch.Tensor":
        import torch

        probabilities = scores.softmax(dim=-1)
        return torch.multinomial(probabilities, 1, generator=self._generator).squeeze(1)


def processors(sampling: Sampling) -> "LogitsProcessorList":
    """Make the processors that a request asks for, or raise `UnsupportedParameter`."""
    from transformers import LogitsProcessorList

    try:
        return LogitsProcessorList(_processors(sampling))
    except ValueError as error:
        raise UnsupportedParameter(
            f"the sampling of this request is out of range: {error}",
            "Correct the [personas.NAME.sampling] table or the persona's form.",
        ) from error


def _processors(sampling: Sampling) -> list["LogitsProcessor"]:
    import transformers as tf

    wanted: list[LogitsProcessor] = []
    if sampling.repetition_penalty != 1:
        penalty = float(sampling.repetition_penalty)
        wanted.append(tf.RepetitionPenaltyLogitsProcessor(penalty))
    if sampling.temperature == 0:
        return wanted
    if sampling.temperature != 1:
        wanted.append(tf.TemperatureLogitsWarper(float(sampling.temperature)))
    if sampling.top_k:
        wanted.append(tf.TopKLogitsWarper(sampling.top_k))
    if sampling.top_p != 1:
        wanted.append(tf.TopPLogitsWarper(float(sampling.top_p)))
    if sampling.min_p:
        wanted.append(tf.MinPLogitsWarper(float(sampling.min_p)))
    return wanted


def _generator(seed: int | None, device: "torch.device") -> "torch.Generator":
    import torch

    generator = torch.Generator(device=device)
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    return generator
