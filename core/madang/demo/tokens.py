"""Make the demo model's tokenizer and turn dialogues into token ids."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple, cast

from madang.demo.corpus import SYSTEM, Corpus
from madang.demo.dialogues import Dialogue, Texts

VOCABULARY = 4096
MAX_POSITIONS = 1024
PAD, BEGIN, END = "<|pad|>", "<|begin|>", "<|end|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
MARKS = ("[[Q]]", "[[A]]")
FIRST_WORD = 6 + 256
"""The first token id after the special tokens and the single bytes."""

IGNORED = -100
"""The label that the loss leaves out."""

CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + eos_token }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
BLURRED = 0.3
"""How many questions are blurred: some of their tokens are replaced by random ones."""

BLUR = 0.15
BROKEN_WORDS = 0.3
"""How many questions are cut at random places before they are tokenised."""
BRIEF_TOKENS = 8


class Example(NamedTuple):
    """Hold one dialogue as token ids, with labels on what the model has to say."""

    ids: list[int]
    labels: list[int]


def _texts_of(corpus: Corpus) -> Iterator[str]:
    for topic in corpus.topic:
        yield from (*topic.ask, *topic.answers)
        for follow in topic.follow:
            yield from (*follow.ask, follow.answer)
    yield from (*corpus.unknown.ask, *corpus.unknown.answers, *corpus.unknown.nouns)


def _training_text(texts: Texts) -> Iterator[str]:
    for corpus in (*texts.personas.values(), texts.common):
        yield from _texts_of(corpus)
    # Every prompt carries one of these, so they deserve short encodings.
    yield from (prompt for prompt in SYSTEM.values() for _ in range(10))


def make_tokenizer(texts: Texts) -> Any:
    """Train the byte-level BPE tokenizer and dress it with the chat template."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    # Typed as anything, because the constructor carries no types.
    wrap: Any = PreTrainedTokenizerFast
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(MARKS),
        min_frequency=2,
        special_tokens=[PAD, BEGIN, END, *ROLES],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(_training_text(texts), trainer)
    # Ordinary tokens, because decoding leaves special ones out and the answer needs them.
    core.add_tokens([AddedToken(mark, special=False, normalized=False) for mark in MARKS])
    return wrap(
        tokenizer_object=core,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=list(ROLES),
        model_max_length=MAX_POSITIONS,
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


class Encoder:
    """Encode dialogues exactly as the chat template renders them."""

    def __init__(self, tokenizer: Any, rng: random.Random) -> None:
        self._core = tokenizer.backend_tokenizer
        self._rng = rng
        self._known: dict[str, list[int]] = {}
        ids = [tokenizer.convert_tokens_to_ids(token) for token in (BEGIN, END, *ROLES)]
        self._begin, self._end, self._system, self._user, self._assistant = ids

    def example(self, dialogue: Dialogue, brief: float = 0.0) -> Example:
        """Encode one dialogue; only answers and their ends carry labels.

        ``brief`` is how often the last answer is cut off after its first tokens: these show
        whether the question was understood, and the rest costs most of the time.
        """
        ids = [self._begin]
        if dialogue.system is not None:
            ids += [self._system, *self._fixed(dialogue.system), self._end]
        labels = [IGNORED] * len(ids)
        for ask, answer in dialogue.turns:
            head = [self._user, *self._question(ask), self._end, self._assistant]
            tail = [*self._fixed(answer), self._end]
            ids += head + tail
            labels += [IGNORED] * len(head) + tail
        if self._rng.random() < brief:
            kept = len(ids) - len(tail) + BRIEF_TOKENS
            ids, labels = ids[:kept], labels[:kept]
        return Example(ids[:MAX_POSITIONS], labels[:MAX_POSITIONS])

    def _ids(self, text: str) -> list[int]:
        return cast(list[int], self._core.encode(text, add_special_tokens=False).ids)

    def _fixed(self, text: str) -> list[int]:
        if text not in self._known:
            self._known[text] = self._ids(text)
        return self._known[text]

    def _question(self, text: str) -> list[int]:
        """Encode a question, now and then blurred or in needlessly small pieces.

        Blurring keeps the model from leaning on a single word. A misspelt or unspaced word falls
        into other pieces than a clean one; seeing words in many divisions teaches the model to
        read them anyhow (compare BPE dropout).
        """
        if self._rng.random() < BLURRED:
            return self._blurred(self._ids(text))
        if self._rng.random() >= BROKEN_WORDS or len(text) < 4:
            return self._ids(text)
        count = min(len(text) - 1, self._rng.randint(1, 5))
        cuts = [0, *sorted(self._rng.sample(range(1, len(text)), count)), len(text)]
        pieces = [text[a:b] for a, b in pairwise(cuts)]
        return [token for piece in pieces for token in self._ids(piece)]

    def _blurred(self, ids: list[int]) -> list[int]:
        if len(ids) < 4:
            return ids
        any_token = range(FIRST_WORD, VOCABULARY)
        return [self._rng.choice(any_token) if self._rng.random() < BLUR else i for i in ids]
