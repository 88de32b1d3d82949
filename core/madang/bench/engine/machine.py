"""What the figures were measured on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from madang.bench.engine.busy import Busy, remark
from madang.bench.engine.crew import Progress
from madang.bench.engine.messages import Job
from madang.inference.device import describe_device

CPU = Path("/proc/cpuinfo")
PACKAGES = ("torch", "transformers", "peft", "bitsandbytes", "llama-cpp-python")


def describe(job: Job, busy: Busy, progress: Progress) -> dict[str, object]:
    """Name processor, device, threads, number formats and the versions that matter.

    Where other processes were at work meanwhile, `progress` is told so.
    """
    share = busy.share()
    if warning := remark(share):
        progress(warning)
    return {
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "used_by_others": share,
        "threads": job.threads,
        "device": describe_device(),
        "dtype": job.dtype,
        "quantisation": job.quantisation,
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def cpu() -> str:
    """Name the processor."""
    try:
        lines = CPU.read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
