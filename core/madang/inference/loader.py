"""A `[models.NAME]` table to a model that is ready to generate."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.contract import LoadProgress, Model
from madang.errors import ModelNotLoaded, UnsupportedParameter
from madang.inference.adapters import Adapters
from madang.inference.checkpoint import check_keys, check_weights
from madang.inference.loaded import Loaded
from madang.inference.source import folder, missing_package
from madang.inference.template import PromptTemplate
from madang.inference.tokenizer import end_ids, load_tokenizer

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel

SMALL = 512  # hidden size up to which a second thread costs a CPU more than it computes


def load(name: str, model: Model, progress: LoadProgress) -> Loaded:
    """Read weights, tokenizer and adapters; takes from seconds to minutes.

    Raises `MissingPackage` without torch, `UnsupportedParameter` for what this backend cannot
    do, and `ModelNotLoaded` when the files are missing, damaged or of another model.
    """
    check_supported(name, model)
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise missing_package(error) from error
    with _quiet():
        return _load(name, model, progress)


def check_supported(name: str, model: Model) -> None:
    """Raise `UnsupportedParameter` for settings that would otherwise be dropped."""
    if model.quantisation != "none":
        raise UnsupportedParameter(
            f"model '{name}' asks for quantisation '{model.quantisation}'",
            "The local backend does not quantise yet; leave `quantisation` out.",
        )


def _load(name: str, model: Model, progress: LoadProgress) -> Loaded:
    progress(0.0)
    _all_threads()  # as they are before any model sets its own
    weights = folder(model.source, model.revision)
    check_weights(name, weights)
    progress(0.1)
    config = _config(name, weights)
    tokenizer = load_tokenizer(name, folder(model.tokenizer) if model.tokenizer else weights, model)
    progress(0.2)
    base = _base(name, weights, config, model)
    progress(0.7)
    adapters = Adapters(name, base)
    for number, (adapter, source) in enumerate(model.adapters.items(), 1):
        adapters.load(adapter, folder(source))
        progress(0.7 + 0.25 * number / len(model.adapters))
    loaded = Loaded(
        name=name,
        model=base,
        tokenizer=tokenizer,
        template=PromptTemplate(name, tokenizer),
        adapters=adapters,
        context=model.context or _context(name, config),
        ends=end_ids(model, base.generation_config, config, tokenizer),
        special={
            token.content: id_
            for id_, token in tokenizer.added_tokens_decoder.items()
            if token.special
        },
        threads=_threads(config),
    )
    progress(1.0)
    return loaded


def _config(name: str, weights: Path) -> "PreTrainedConfig":
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig

    try:
        config: PreTrainedConfig = AutoConfig.from_pretrained(weights, trust_remote_code=False)
        return config
    except (OSError, ValueError, KeyError, TypeError, StrictDataclassError) as error:
        raise ModelNotLoaded(
            f"'{name}': {weights / 'config.json'} is not a model that transformers knows: {error}",
            "Check `source`; models that bring their own code are not run.",
        ) from error


def _base(name: str, weights: Path, config: "PreTrainedConfig", model: Model) -> "PreTrainedModel":
    import torch
    from transformers import AutoModelForCausalLM

    auto: Any = AutoModelForCausalLM  # its types do not know `output_loading_info`
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        base, info = auto.from_pretrained(
            weights,
            config=config,
            dtype=_dtype(model, config, device),
            attn_implementation="sdpa",  # as fast as eager for one token of a tiny model, too
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelNotLoaded(
            f"'{name}': the weights in {weights} could not be loaded: {error}",
            "Check that `source` holds a causal language model and that memory is enough for it.",
        ) from error
    check_keys(
        name,
        str(weights),
        missing=info["missing_keys"],
        unexpected=info["unexpected_keys"],
        mismatched=info["mismatched_keys"],
    )
    ready: PreTrainedModel = base.to(device).requires_grad_(False).eval()
    return ready


def _dtype(model: Model, config: "PreTrainedConfig", device: "torch.device") -> "torch.dtype":
    """Return the dtype of a table.

    `auto` is bf16 where the hardware computes in it; fp32 else, and for a small model on a CPU,
    whose time goes into other things than reading weights.
    """
    import torch

    if model.dtype != "auto":
        named: torch.dtype = getattr(torch, model.dtype)
        return named
    if device.type == "cuda":
        able = torch.cuda.is_bf16_supported()
    else:
        able = _cpu_has_bf16() and not _is_small(config)
    return torch.bfloat16 if able else torch.float32


def _cpu_has_bf16() -> bool:
    import torch

    able = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(has for name, has in able.items() if name.endswith("bf16"))


def _is_small(config: "PreTrainedConfig") -> bool:
    return int(getattr(config, "hidden_size", SMALL + 1)) <= SMALL


def _threads(config: "PreTrainedConfig") -> int:
    """Choose one thread for a small model: handing out its work takes longer than doing it."""
    return 1 if _is_small(config) else _all_threads()


@cache
def _all_threads() -> int:
    import torch

    return torch.get_num_threads()


def _context(name: str, config: "PreTrainedConfig") -> int:
    context = getattr(config, "max_position_embeddings", None)
    if not context:
        raise ModelNotLoaded(
            f"'{name}': the checkpoint does not say how much it can read",
            f"Set `context` of [models.{name}], in tokens.",
        )
    return int(context)


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
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
