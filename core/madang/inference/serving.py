"""Which service answers for a loaded model."""

import logging
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from madang.contract import LoadProgress, Metrics, Model, Output, Request
from madang.errors import UnsupportedParameter
from madang.inference.loaded import Loaded, free_memory
from madang.inference.loader import load
from madang.inference.plain import PlainService

logger = logging.getLogger("madang.inference")


class Service(Protocol):
    """Answer requests to one loaded model."""

    @property
    def metrics(self) -> Metrics:
        """Return what it did so far."""
        ...

    @property
    def alive(self) -> bool:
        """Say that requests are answered."""
        ...

    def generate(self, request: Request) -> AsyncGenerator[Output, None]:
        """Answer; closing the stream stops it."""
        ...

    async def close(self) -> None:
        """Stop; streams end where they are."""
        ...


def serve(
    name: str, table: Model, thread: ThreadPoolExecutor, progress: LoadProgress
) -> tuple[Loaded, Service]:
    """Load a model and start what its table asks for; takes from seconds to minutes.

    To be called on `thread`, where it will be served: torch keeps helper threads for each thread
    that computes, and as soon as there are more of these than cores, all of them sleep between
    products, which takes half as long again.

    Raises what `load` raises, and `UnsupportedParameter` for a model that cannot be batched
    exactly where the table allows nothing else.
    """
    loaded = load(name, table, progress)
    if table.engine == "plain":
        return loaded, PlainService(loaded, thread)
    from madang.inference.engine.build import build

    try:
        return loaded, build(loaded, table, thread)
    except UnsupportedParameter as error:
        if table.engine == "batched":
            raise
        logger.warning("%s. Its requests are answered one after the other.", error.message)
    del loaded  # preparing may have changed it, and there may be no room for another one beside it
    free_memory()
    loaded = load(name, table, progress)
    return loaded, PlainService(loaded, thread)
