"""Who takes part, by name; each is loaded in a process of its own."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType

from madang.bench.engine.limits import open_limits
from madang.bench.engine.messages import Job, Limit, Order, Run
from madang.bench.engine.ours import open_madang
from madang.bench.engine.peers.continuous import open_transformers_cb
from madang.bench.engine.peers.generate import open_card_loop, open_padded
from madang.bench.engine.peers.llama_cpp import open_llama_cpp, open_llama_cpp_q8_0

TORCH = ("torch", "transformers.models.llama.modeling_llama", "transformers.generation")
LLAMA = ("numpy", "llama_cpp")
OURS = "madang"
LIMITS = "limits"


@dataclass(frozen=True)
class Candidate:
    """Say how to load a candidate, and what it imports before its memory is counted."""

    open: Callable[[Job], AbstractContextManager[Callable[[Order], Run | Limit]]]
    imports: tuple[str, ...] = TORCH


CANDIDATES: Mapping[str, Candidate] = MappingProxyType(
    {
        OURS: Candidate(open_madang),
        "card_loop": Candidate(open_card_loop),
        "padded_generate": Candidate(open_padded),
        "transformers_cb": Candidate(open_transformers_cb),
        "llama_cpp": Candidate(open_llama_cpp, LLAMA),
        "llama_cpp_q8_0": Candidate(open_llama_cpp_q8_0, LLAMA),
        LIMITS: Candidate(open_limits),
    }
)
PEERS = tuple(name for name in CANDIDATES if name not in {OURS, LIMITS})
