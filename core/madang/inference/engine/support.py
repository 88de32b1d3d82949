"""Whether the engine serves a model exactly: by what its config says, and by trying."""

from collections.abc import Iterator
from collections.abc import Sequence as List
from dataclasses import dataclass
from math import inf, isnan
from typing import TYPE_CHECKING, Any

from madang.errors import UnsupportedParameter
from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.cache import KVCache
from madang.inference.engine.runner import Runner
from madang.inference.engine.scheduler import Scheduler
from madang.inference.engine.sequence import Sequence
from madang.inference.loaded import Loaded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

LAYERS = {"full_attention", "sliding_attention"}
# Their angles depend on the longest sequence of a batch.
GROWING_ROPE = {"dynamic", "longrope"}
PROMPTS = (24, 33)  # tokens, over a block's border
FORCED = 3  # tokens after a prompt
SMALL_CHUNK = 13
# Root mean square of the logits' error over that of the logits. A wrong layer makes it about 1;
# 16 bits make it about 0.01.
TOLERANCE = 0.01
NARROW_TOLERANCE = 0.2  # of 16 bits or less, quantised weights included


def check_class(loaded: Loaded) -> None:
    """Raise `UnsupportedParameter` for a model whose config asks for what the engine has not."""
    model, config = loaded.model, loaded.model.config.get_text_config()
    layers = set(getattr(config, "layer_types", None) or ()) - LAYERS
    rope = set(_rope_types(getattr(config, "rope_parameters", None))) & GROWING_ROPE
    if model.config.is_encoder_decoder:
        _refuse(loaded, "has an encoder")
    if not getattr(model, "_supports_attention_backend", False):
        _refuse(loaded, "computes attention in a way of its own")
    if layers:
        _refuse(loaded, f"has layers of type {', '.join(sorted(layers))}")
    if rope:
        _refuse(loaded, f"scales positions by the length of the text ({', '.join(sorted(rope))})")


@dataclass(frozen=True)
class Probe:
    """Hold what the unchanged model says, to hold the prepared one against it."""

    loaded: Loaded
    expected: "dict[tuple[str, int], tuple[list[int], torch.Tensor]]"

    @classmethod
    def of(cls, loaded: Loaded) -> "Probe":
        """Ask the model, and each adapter, for the logits of a few random tokens."""
        import torch

        random = torch.Generator().manual_seed(0)
        vocabulary = loaded.model.config.get_text_config().vocab_size
        expected = {}
        for name in ("", *loaded.adapters.names):
            for length in PROMPTS[: 1 if name else None]:
                ids = torch.randint(vocabulary, (1, length + FORCED), generator=random)
                with torch.inference_mode(), loaded.adapters.using(name) as model:
                    logits = model(input_ids=ids.to(model.device), use_cache=False).logits
                expected[name, length] = ids[0].tolist(), logits[0, length - 1 :].float()
        return cls(loaded, expected)

    @property
    def tokens(self) -> int:
        """Count the tokens that the KV cache must hold for `check`."""
        return len(self.expected) * 2 * max(PROMPTS)

    def check(self, runner: Runner, cache: KVCache, blocks: BlockManager) -> None:
        """Raise `UnsupportedParameter` unless the prepared model says the same in one batch."""
        scheduler = Scheduler(
            blocks, slots=len(self.expected), prefill=SMALL_CHUNK, prefill_beside=SMALL_CHUNK
        )
        asked = {
            _sequence(ids, length, name): (ids, logits)
            for (name, length), (ids, logits) in self.expected.items()
        }
        for sequence in asked:
            scheduler.add(sequence)
        try:
            errors = list(_errors(runner, scheduler, asked))
        except (RuntimeError, TypeError, ValueError, AttributeError) as error:
            _refuse(self.loaded, f"cannot be batched: {error}", error)
        finally:
            for sequence in asked:
                cache.release(sequence)
        worst = max(errors)
        if not worst <= _tolerance(self.loaded.model):
            _refuse(
                self.loaded, f"says something else in a batch (error {worst:.2g} of its logits)"
            )


def _tolerance(model: "PreTrainedModel") -> float:
    narrow = model.dtype.itemsize < 4 or getattr(model, "is_quantized", False)
    return NARROW_TOLERANCE if narrow else TOLERANCE


def _errors(
    runner: Runner,
    scheduler: Scheduler,
    asked: "dict[Sequence, tuple[list[int], torch.Tensor]]",
) -> Iterator[float]:
    left = set(asked)
    while left and (step := scheduler.schedule()):
        scheduler.filled.clear()
        for sequence, logits in runner.logits(step.chunks):
            ids, expected = asked[sequence]
            at = len(sequence.tokens)
            yield _error(logits, expected[at - sequence.prompt_length])
            scheduler.commit(sequence, ids[at])
            if len(sequence.tokens) == len(ids):
                scheduler.remove(sequence)
                left.remove(sequence)


def _sequence(ids: List[int], length: int, adapter: str) -> Sequence:
    return Sequence(
        tokens=list(ids[:length]), prompt_length=length, limit=len(ids) + 1, adapter=adapter
    )


def _error(got: "torch.Tensor", expected: "torch.Tensor") -> float:
    """Return the relative error; what is no number in the unchanged model, either, is right."""
    if not expected.isfinite().all():
        return 0.0
    size = float(expected.square().mean().sqrt())
    difference = float((got.float() - expected).square().mean().sqrt())
    if isnan(difference):
        return inf  # of numbers only, the greatest can be found
    return difference / size if size else difference


def _rope_types(parameters: Any) -> Iterator[str]:
    """Find all types: the parameters may be nested by the type of layer."""
    if isinstance(parameters, dict):
        if isinstance(parameters.get("rope_type"), str):
            yield parameters["rope_type"]
        for value in parameters.values():
            yield from _rope_types(value)


def _refuse(loaded: Loaded, why: str, cause: Exception | None = None) -> None:
    raise UnsupportedParameter(
        f"the batching engine cannot serve model '{loaded.name}' exactly: "
        f"{type(loaded.model).__name__} {why}",
        f'Set `engine = "auto"` of [models.{loaded.name}] to have its requests answered one after '
        "the other.",
    ) from cause
