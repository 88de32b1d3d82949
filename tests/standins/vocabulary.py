"""Small trained vocabularies put at the ids of a big one."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.standins.sentences import ordinary
from tokenizers import AddedToken, Tokenizer, models, trainers

TRAINED = 1200
"""How many tokens are learned; the rest of a vocabulary is filled with names nobody types."""


def trained(
    pipeline: Tokenizer, alphabet: Iterable[str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """Learn tokens and merges with a pipeline, in the order of their ids."""
    trainer = trainers.BpeTrainer(
        vocab_size=TRAINED, initial_alphabet=list(alphabet), show_progress=False
    )
    pipeline.train_from_iterator(ordinary(400), trainer)
    model: dict[str, Any] = json.loads(pipeline.to_str())["model"]
    return sorted(model["vocab"], key=model["vocab"].__getitem__), list(map(tuple, model["merges"]))


def placed(tokens: Iterable[str], fixed: Mapping[int, str], size: int) -> dict[str, int]:
    """Give every id below `size` a token: the fixed ones at theirs, the others in order."""
    rest = filler(tokens)
    return {fixed.get(id_) or next(rest): id_ for id_ in range(size)}


def filler(tokens: Iterable[str]) -> Iterator[str]:
    """Go on for ever after the tokens, with names that no text holds."""
    yield from tokens
    number = 0
    while True:
        yield f"\x00stand-in {number}"
        number += 1


def with_vocabulary(
    pipeline: Tokenizer,
    vocabulary: dict[str, int],
    merges: list[tuple[str, str]],
    specials: Mapping[int, str],
    **settings: Any,
) -> Tokenizer:
    """Put a vocabulary into a pipeline and mark its special tokens."""
    pipeline.model = models.BPE(vocab=vocabulary, merges=merges, **settings)
    pipeline.add_special_tokens(
        [AddedToken(text, normalized=False, special=True) for text in specials.values()]
    )
    return pipeline
