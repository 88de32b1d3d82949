"""What this machine computes with."""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from madang.contract import Model

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig

SMALL = 512  # hidden size up to which a second thread costs a CPU more than it computes
MEMORY = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def set_memory_habits() -> None:
    """Tell torch how to use a CPU's memory, unless it was imported or somebody told it before.

    All weights are read at every step; in pages of 4 KiB that takes 5 to 8 % longer than in huge
    ones. oneDNN keeps a kernel for each of the last 1,024 shapes, which grows to 160 MB in a long
    conversation; a step needs some dozens.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "96")


def describe_device() -> str:
    """Name the device that models are loaded on, with its memory or its threads.

    Raises `ImportError` or `OSError` where torch cannot be used.
    """
    import torch

    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        return f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    return f"the CPU, {torch.get_num_threads()} threads"


def choose_device() -> "torch.device":
    """Return the device that models are loaded on."""
    import torch

    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


def choose_dtype(model: Model, config: "PreTrainedConfig", device: "torch.device") -> "torch.dtype":
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


def choose_threads(config: "PreTrainedConfig") -> int:
    """Choose one thread for a small model: handing out its work takes longer than doing it."""
    return 1 if _is_small(config) else all_threads()


@cache
def all_threads() -> int:
    """Return the threads that torch took at first, before any model set its own."""
    import torch

    return torch.get_num_threads()


def free_bytes(device: "torch.device") -> int | None:
    """Return how much memory a model may still take, or None where the system does not say."""
    import torch

    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + unused
    known = [free for free in (_available(), _left_in_container()) if free is not None]
    return min(known, default=None)


def _available() -> int | None:
    try:
        lines = MEMORY.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if "MemAvailable" in line), None)


def _left_in_container() -> int | None:
    """Return what a memory limit of the control group leaves; caches of files are given back."""
    try:
        limit = (CGROUP / "memory.max").read_text().strip()
        used = int((CGROUP / "memory.current").read_text())
        stat = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    return None if limit == "max" else int(limit) - used + int(stat.get("file", 0))


def _cpu_has_bf16() -> bool:
    import torch

    able = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(has for name, has in able.items() if name.endswith("bf16"))


def _is_small(config: "PreTrainedConfig") -> bool:
    return int(getattr(config, "hidden_size", SMALL + 1)) <= SMALL
