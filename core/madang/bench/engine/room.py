"""Whether disk and memory are enough for a shape, said before anything big is written."""

import shutil
from pathlib import Path

from madang.bench.engine.messages import Job
from madang.bench.engine.shapes import Shape
from madang.errors import ModelError
from madang.inference.device import choose_device, free_bytes
from madang.inference.fit import gib

RUN_TIME = 2**30  # bytes; libraries, activations, and what loading holds for a moment
WIDTHS = {"float32": 4, "bfloat16": 2, "float16": 2}
Q8_0_SHARE = 34 / 64  # of bf16: 32 numbers in 34 bytes


def check_disk(shape: Shape, dtype: str, folder: Path, *, gguf: bool) -> None:
    """Raise `ModelError` unless `folder` has room for the weights, and for llama.cpp's copies."""
    weights = shape.parameters * WIDTHS[dtype]
    needed = weights + (weights + 2 * shape.parameters * Q8_0_SHARE if gguf else 0)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise ModelError(
            f"the weights take {gib(needed)} of disk, {gib(needed - free)} more than is free in "
            f"{folder}",
            "Choose a smaller --shape, leave llama_cpp out with --peers, or name a folder with "
            "more room by --keep.",
        )


def check_memory(shape: Shape, job: Job, candidates: int) -> bool:
    """Tell whether all candidates fit at once; raise `ModelError` when not even one does.

    On a GPU they never share it: an engine takes for its cache whatever is left.
    """
    device = choose_device()
    free = free_bytes(device)
    needed = _needed(shape, job)
    if free is not None and needed > free:
        raise ModelError(
            f"a candidate needs {gib(needed)} of memory, {gib(needed - free)} more than {device} "
            "has free",
            "Choose a smaller --shape, fewer --requests, or --dtype bfloat16.",
        )
    return device.type == "cpu" and (free is None or candidates * needed <= free)


def _needed(shape: Shape, job: Job) -> int:
    width = WIDTHS[job.dtype]
    cache = shape.kv_numbers() * job.requests * job.longest * width
    return shape.parameters * width + cache + RUN_TIME
