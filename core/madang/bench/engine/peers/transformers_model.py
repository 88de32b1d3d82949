"""The checkpoint as transformers loads it, for the peers that are built on it."""

from typing import TYPE_CHECKING, Any

from madang.bench.engine.checkpoint import MODEL
from madang.bench.engine.messages import Job
from madang.contract import Model
from madang.inference.device import choose_device
from madang.inference.quantisation import hush, quantisation_config

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def load_model(job: Job, **settings: object) -> "PreTrainedModel":
    """Load the model with the attention that transformers chooses by itself."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging as untyped

    logging: Any = untyped
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    hush()
    torch.set_num_threads(job.threads)
    device = choose_device()
    dtype: torch.dtype = getattr(torch, job.dtype)
    table = Model(quantisation=job.quantisation)
    quantisation = quantisation_config("bench", table, dtype, device)
    model: Any = AutoModelForCausalLM.from_pretrained(
        f"{job.folder}/{MODEL}",
        dtype=dtype,
        quantization_config=quantisation,
        device_map={"": device} if device.type != "cpu" or quantisation else None,
        **settings,
    )
    loaded: PreTrainedModel = model.requires_grad_(False).train(False)
    return loaded
