"""The memory of this machine's GPU, without loading torch."""

import shutil
import subprocess

TOOL = "nvidia-smi"
ASK = ("--query-gpu=memory.total", "--format=csv,noheader,nounits")


def vram_here() -> int | None:
    """Return the bytes of the largest NVIDIA GPU; None where there is none or it does not say."""
    tool = shutil.which(TOOL)
    if tool is None:
        return None
    try:
        said = subprocess.run([tool, *ASK], capture_output=True, text=True, timeout=20).stdout
        return max(int(line) for line in said.split()) * 2**20  # it counts in MiB
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
