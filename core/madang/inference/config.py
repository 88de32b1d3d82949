"""The config of a checkpoint: of an architecture that needs no code of the checkpoint's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.contract import Model
from madang.errors import ModelNotLoaded, UnsupportedParameter
from madang.inference.checkpoint import read_config
from madang.inference.exaone import register_exaone

if TYPE_CHECKING:
    from transformers import PreTrainedConfig


def load_config(name: str, folder: Path, model: Model) -> "PreTrainedConfig":
    """Read config.json; its `auto_map` counts only where the table trusts the code it names.

    Raises `ModelNotLoaded` for an architecture that nobody here knows.
    """
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig

    register_exaone()
    stated = read_config(name, folder)
    _check_code(name, folder, model, stated)
    _check_quantised(name, model, stated)
    try:
        config: PreTrainedConfig = AutoConfig.from_pretrained(
            folder, trust_remote_code=model.trust_remote_code
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError, StrictDataclassError) as error:
        raise ModelNotLoaded(
            f"'{name}': {folder / 'config.json'} is not a model that transformers knows: {error}",
            "Check `source`; a newer transformers may know it.",
        ) from error
    _check_rope(name, folder, config)
    return config


def context_of(name: str, config: "PreTrainedConfig") -> int:
    """Return how many tokens the checkpoint can read, prompt and answer together."""
    context = getattr(config, "max_position_embeddings", None)
    if not context:
        raise ModelNotLoaded(
            f"'{name}': the checkpoint does not say how much it can read",
            f"Set `context` of [models.{name}], in tokens.",
        )
    return int(context)


def _check_code(name: str, folder: Path, model: Model, stated: dict[str, Any]) -> None:
    from transformers import CONFIG_MAPPING

    kind = stated.get("model_type")
    if "auto_map" in stated and kind not in CONFIG_MAPPING and not model.trust_remote_code:
        raise ModelNotLoaded(
            f"'{name}': {folder / 'config.json'} is of type '{kind}', which transformers does not "
            "know; the checkpoint brings its own code (auto_map), which is not run",
            "Choose a model with native support; only if you trust its author set "
            f"`trust_remote_code = true` of [models.{name}].",
        )


def _check_quantised(name: str, model: Model, stated: dict[str, Any]) -> None:
    if "quantization_config" in stated and model.quantisation != "none":
        raise UnsupportedParameter(
            f"model '{name}' asks for quantisation '{model.quantisation}', but its weights are "
            "stored quantised",
            f"Leave `quantisation` of [models.{name}] out, or choose the unquantised checkpoint.",
        )


def _check_rope(name: str, folder: Path, config: "PreTrainedConfig") -> None:
    """Refuse a scaling that nobody knows, which transformers only warns of."""
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    stated: dict[str, Any] = getattr(config, "rope_parameters", None) or {}
    kind = stated.get("rope_type", "default")
    if kind not in ROPE_INIT_FUNCTIONS and kind != "default":
        raise ModelNotLoaded(
            f"'{name}': {folder / 'config.json'} scales positions by '{kind}', which transformers "
            "does not know",
            "Correct `rope_scaling`, or fetch the file again; a newer transformers may know it.",
        )
