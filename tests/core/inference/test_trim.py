"""Freed memory goes back to the system."""

import subprocess
import sys

import pytest

CODE = """
from pathlib import Path
from madang.inference.trim import trim_heap

def resident():
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096

before = resident()
blocks = [bytearray(100_000) for _ in range(2000)]
last = bytearray(100_000)  # keeps the C library from giving back what lies below it
del blocks
kept = resident() - before
trim_heap()
print(kept, resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems give it back themselves")
def test_what_was_freed_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    kept, left = map(int, done.stdout.split())
    assert left < 20_000_000
    assert left <= kept
