"""Memory that was freed, given back to the system."""

import ctypes
import sys


def trim_heap() -> None:
    """Have the C library return what it keeps of freed memory, where it keeps any.

    glibc holds on to blocks of up to 32 MiB, such as the matrices of a model, so that after
    unloading the next model would find the memory still taken (malloc_trim(3), mallopt(3)).
    """
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
