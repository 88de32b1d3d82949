"""What is asked of a bench of the engine, and the model that it is measured on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from madang.bench.engine.messages import Job
from madang.bench.engine.shapes import CONTEXT, SHAPES, Shape
from madang.contract.model import Dtype, Quantisation
from madang.errors import ModelError

MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Hold the options; `threads` 0 is as many as torch takes, `keep` a folder for the model."""

    shape: str = "200m"
    requests: int = 16
    new_tokens: int = 64
    dtype: Dtype = "bfloat16"
    quantisation: Quantisation = "none"
    rounds: int = 3
    threads: int = 0
    keep: Path | None = None

    @property
    def sizes(self) -> Shape:
        """Return the shape that is named."""
        return SHAPES[self.shape]

    def job(self, folder: Path, longest: int, adapters: dict[str, str] | None = None) -> Job:
        """Return what candidates load; `longest` is prompt and answer together, in tokens."""
        from madang.inference.device import all_threads

        if longest > CONTEXT:
            raise ModelError(
                f"a request of {longest:,} tokens is longer than the {CONTEXT:,} of the shapes",
                "Choose fewer --new-tokens.",
            )
        return Job(
            folder=str(folder),
            dtype=self.dtype,
            quantisation=self.quantisation,
            threads=self.threads or all_threads(),
            requests=self.requests,
            longest=longest,
            adapters=adapters or {},
        )

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give a folder for the model that is removed afterwards, unless it is to be kept."""
        if self.keep:
            kept = self.keep / f"{self.shape}-{self.dtype}"
            kept.mkdir(parents=True, exist_ok=True)
            yield kept
        else:
            with tempfile.TemporaryDirectory(prefix="madang-bench-") as made:
                yield Path(made)


def mib(size: int | None) -> float | None:
    """Return bytes in MiB."""
    return None if size is None else round(size / MIB, 1)
