"""What several tests of the benches need."""

import importlib.util
from pathlib import Path

from madang.bench.engine.candidates import CANDIDATES, LLAMA, PEERS
from madang.bench.engine.plan import Plan

HAS_LLAMA = all(importlib.util.find_spec(name) for name in (*LLAMA, "gguf"))
INSTALLED = tuple(name for name in PEERS if CANDIDATES[name].imports is not LLAMA or HAS_LLAMA)


def folder_of(plan: Plan) -> Path:
    """Return where the plan keeps its model."""
    with plan.folder() as folder:
        return folder
