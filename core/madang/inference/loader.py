"""A `[models.NAME]` table to a model that is ready to generate."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.contract import LoadProgress, Model
from madang.errors import MadangError
from madang.inference.adapters import Adapters, find_adapters
from madang.inference.checkpoint import check_weights
from madang.inference.config import context_of, load_config
from madang.inference.device import (
    all_threads,
    choose_device,
    choose_dtype,
    choose_threads,
    free_bytes,
)
from madang.inference.fit import check_memory
from madang.inference.loaded import Loaded
from madang.inference.memory import count_numbers, measure
from madang.inference.quantisation import hush
from madang.inference.source import checkpoint_folder, missing_package, tokenizer_folder
from madang.inference.template import PromptTemplate
from madang.inference.tokenizer import end_ids, load_tokenizer
from madang.inference.weights import load_weights

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig

logger = logging.getLogger("madang.inference")


def load(name: str, model: Model, progress: LoadProgress) -> Loaded:
    """Read weights, tokenizer and adapters; takes from seconds to minutes.

    Raises `MissingPackage` without torch or bitsandbytes, `UnsupportedParameter` for what this
    backend cannot do, and `ModelNotLoaded` when the files are missing, damaged or of another
    model, or memory is too little. An adapter that cannot be used is refused to those who ask.
    """
    hush()  # PEFT imports bitsandbytes where it is installed
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise missing_package(error) from error
    with _quiet():
        return _load(name, model, progress)


def _load(name: str, model: Model, progress: LoadProgress) -> Loaded:
    progress(0.0)
    all_threads()  # as they are before any model sets its own
    weights = checkpoint_folder(model.source, model.revision, model)
    check_weights(name, weights, allow_pickle=model.allow_pickle)
    sources, refused = find_adapters(name, model)
    progress(0.05)
    config = load_config(name, weights, model)
    words = tokenizer_folder(model.tokenizer) if model.tokenizer else weights
    tokenizer = load_tokenizer(name, words, model)
    device = choose_device()
    dtype = choose_dtype(model, config, device)
    _check_memory(name, model, weights, sources, config, dtype, device)
    progress(0.1)
    base = load_weights(
        name,
        weights,
        config,
        model,
        dtype=dtype,
        device=device,
        progress=lambda share: progress(0.1 + 0.8 * share),
    )
    adapters = _load_adapters(Adapters(name, base, model), sources, refused)
    loaded = Loaded(
        name=name,
        model=base,
        tokenizer=tokenizer,
        template=PromptTemplate(name, tokenizer),
        adapters=adapters,
        context=model.context or context_of(name, config),
        ends=end_ids(model, base.generation_config, config, tokenizer),
        special={
            token.content: id_
            for id_, token in tokenizer.added_tokens_decoder.items()
            if token.special
        },
        threads=choose_threads(config),
    )
    progress(1.0)
    return loaded


def _load_adapters(
    adapters: Adapters, sources: Mapping[str, Path], refused: dict[str, MadangError]
) -> Adapters:
    """Load what can be: a damaged adapter is the loss of those who ask for it, of nobody else."""
    for adapter, source in sources.items():
        try:
            adapters.load(adapter, source)
        except MadangError as error:
            refused[adapter] = error
    for adapter, why in refused.items():
        logger.warning("%s", why)
        adapters.refuse(adapter, why)
    return adapters


def _check_memory(
    name: str,
    model: Model,
    weights: Path,
    adapters: Mapping[str, Path],
    config: "PreTrainedConfig",
    dtype: "torch.dtype",
    device: "torch.device",
) -> None:
    free = free_bytes(device)
    if free is None:
        return
    numbers = sum(count_numbers(f"{name}, adapter {key}", path) for key, path in adapters.items())
    check_memory(
        name,
        model,
        measure(name, weights),
        free,
        device=str(device),
        width=dtype.itemsize,
        extra=dtype.itemsize * numbers,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' progress bars, reports and deprecations off a terminal that is ours."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            # PEFT asks for it, and transformers will rename it.
            warnings.filterwarnings("ignore", message="`is_gradient_checkpointing`")
            warnings.filterwarnings("ignore", message=".*lora_bias=True")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
