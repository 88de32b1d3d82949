"""The weights of a checkpoint as a model that transformers built, checked for completeness."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.contract import LoadProgress, Model
from madang.errors import MissingPackage, ModelNotLoaded
from madang.inference.checkpoint import check_keys
from madang.inference.quantisation import quantisation_config

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel

READING = "Loading weights"  # what transformers calls the bar of this part


def load_weights(
    name: str,
    folder: Path,
    config: "PreTrainedConfig",
    model: Model,
    *,
    dtype: "torch.dtype",
    device: "torch.device",
    progress: LoadProgress,
) -> "PreTrainedModel":
    """Build the model and fill it; `ModelNotLoaded` when weights are left over or missing.

    Weights of another dtype are converted, and quantised ones where the table says so, tensor by
    tensor on their way to the device.
    """
    quantisation = quantisation_config(name, model, dtype, device)
    settings: dict[str, Any] = {
        "dtype": dtype,
        "attn_implementation": _attention(config),
        "quantization_config": quantisation,
        "device_map": {"": device} if device.type != "cpu" or quantisation else None,
        "use_safetensors": any(folder.glob("*.safetensors")),
        "trust_remote_code": model.trust_remote_code,
    }
    with _reported(progress):
        base, info = _read(name, folder, config, settings)
    check_keys(
        name,
        str(folder),
        missing=info["missing_keys"],
        unexpected=info["unexpected_keys"],
        mismatched=info["mismatched_keys"],
    )
    base.requires_grad_(False)
    base.train(False)
    return base


def _attention(config: "PreTrainedConfig") -> str:
    """Choose SDPA, as fast as eager for one token of a tiny model, too, where a class has it."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING

    known: Any = MODEL_FOR_CAUSAL_LM_MAPPING
    able = type(config) not in known or known[type(config)]._supports_sdpa
    return "sdpa" if able else "eager"


def _read(
    name: str, folder: Path, config: "PreTrainedConfig", settings: dict[str, Any]
) -> tuple["PreTrainedModel", dict[str, Iterable[object]]]:
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    auto: Any = AutoModelForCausalLM  # its types do not know `output_loading_info`
    try:
        base, info = auto.from_pretrained(
            folder, config=config, output_loading_info=True, **settings
        )
    except ImportError as error:
        raise MissingPackage(
            f"model '{name}' needs a Python package that is not installed: {error}",
            "Install it, or choose another form of the model.",
        ) from error
    except (
        OSError,
        ValueError,
        RuntimeError,
        KeyError,
        TypeError,
        SafetensorError,
        pickle.PickleError,
    ) as error:
        raise ModelNotLoaded(
            f"'{name}': the weights in {folder} could not be loaded: {error}",
            "Check that `source` holds a causal language model and that memory is enough for it.",
        ) from error
    return base, info


@contextmanager
def _reported(progress: LoadProgress) -> Iterator[None]:
    """Report from 0 to 1 what share of the tensors was read, where transformers shows a bar."""
    from transformers.utils import logging as untyped

    logging: Any = untyped

    def watch(bar: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if args and kwargs.get("desc") == READING:
            return _counted(args[0], progress)
        return bar(*args, **kwargs)

    before = logging.set_tqdm_hook(watch)
    try:
        yield
    finally:
        logging.set_tqdm_hook(before)


def _counted(items: Any, progress: LoadProgress) -> Iterator[Any]:
    for number, item in enumerate(items, 1):
        yield item
        progress(number / len(items))
