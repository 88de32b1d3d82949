"""A model that is ready to generate."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.inference.adapters import Adapters
from madang.inference.template import PromptTemplate
from madang.inference.trim import trim_heap

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Hold a model with all that its requests share.

    `context` is in tokens, prompt and answer together; `ends` are the ids that end an answer,
    `special` maps the text of each special token to its id; `threads` are what its CPU work uses.
    """

    name: str
    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerFast"
    template: PromptTemplate
    adapters: Adapters
    context: int
    ends: frozenset[int]
    special: dict[str, int]
    threads: int

    @property
    def skipped(self) -> frozenset[int]:
        """Return the ids of special tokens, which never show."""
        return frozenset(self.special.values())

    def special_named(self, texts: Sequence[str]) -> frozenset[int]:
        """Return the ids of special tokens among `texts`: as text they would never be seen."""
        return frozenset(self.special[text] for text in texts if text in self.special)

    def decode(self, ids: list[int]) -> str:
        """Return the text of `ids`, special tokens left out, ordinary added ones kept."""
        return str(self.tokenizer.backend_tokenizer.decode(ids, skip_special_tokens=True))


def free_memory() -> None:
    """Give back what models that nobody holds any more have used."""
    import torch

    gc.collect()  # modules refer to each other in circles
    torch.cuda.empty_cache()
    trim_heap()
