"""Quantising weights while they are read, with bitsandbytes."""

import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from madang.contract import Model
from madang.errors import MissingPackage, ModelNotLoaded

if TYPE_CHECKING:
    import torch
    from transformers import BitsAndBytesConfig

PROBED = 64  # numbers, one block of NF4
# They tell of every layer that int8 casts to fp16, as it should, and of a package for speed.
TALKATIVE = ("bitsandbytes.autograd._functions", "bitsandbytes.backends.cpu.ops")


def hush() -> None:
    """Keep the small talk of bitsandbytes off a terminal that is ours; errors still show."""
    for logger in TALKATIVE:
        logging.getLogger(logger).setLevel(logging.ERROR)


def quantisation_config(
    name: str, model: Model, dtype: "torch.dtype", device: "torch.device"
) -> "BitsAndBytesConfig | None":
    """Return how transformers quantises this model, or None where it does not.

    Raises `MissingPackage` without bitsandbytes, and `ModelNotLoaded` where it does not serve
    the device.
    """
    if model.quantisation == "none":
        return None
    _check_bitsandbytes(name, model, device)
    from transformers import BitsAndBytesConfig

    make: Any = BitsAndBytesConfig  # untyped
    config: BitsAndBytesConfig = (
        make(load_in_8bit=True)
        if model.quantisation == "int8"
        else make(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    )
    return config


def _check_bitsandbytes(name: str, model: Model, device: "torch.device") -> None:
    """Quantise a few numbers: a build without kernels for the device shows only then."""
    import torch

    try:
        import bitsandbytes as untyped

        bitsandbytes: Any = untyped
        bitsandbytes.functional.quantize_4bit(torch.ones(PROBED, device=device))
    except ImportError as error:
        raise MissingPackage(
            f"model '{name}' asks for quantisation '{model.quantisation}', which needs the Python "
            f"package '{error.name or error}'",
            "Install it with `pip install 'madang[quantisation]'`, or leave `quantisation` out.",
        ) from error
    except (RuntimeError, OSError, NotImplementedError, AttributeError) as error:
        raise ModelNotLoaded(
            f"model '{name}' asks for quantisation '{model.quantisation}', but bitsandbytes "
            f"{version('bitsandbytes')} cannot quantise on {device}: {_first_line(error)}",
            "Install a bitsandbytes that supports this device, or leave `quantisation` out.",
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0]
