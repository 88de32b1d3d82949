"""The rig with the cache of a GPU, which here lies in the host's memory."""

from functools import partial
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from tests.core.inference.engine.rig import Ask, Prompt, Rig

from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.engine import Engine
from madang.inference.engine.gathered import Gathered
from madang.inference.engine.graphs import Graphs
from madang.inference.engine.kernels import Kernel
from madang.inference.engine.paged import PagedCache, survey
from madang.inference.engine.runner import Forward, Runner, logits_of
from madang.inference.engine.scheduler import Scheduler
from madang.inference.loaded import Loaded

if TYPE_CHECKING:
    from madang.inference.engine.graphs import Record


def some_asks(prompts: list[Prompt], most: int) -> st.SearchStrategy[list[Ask]]:
    """Draw requests that come, and perhaps go, at different times."""

    def ask(prompt: Prompt, room: int, adapter: str, comes: int, stays: int | None) -> Ask:
        goes = None if stays is None else comes + stays
        return Ask(prompt=prompt, room=room, adapter=adapter, comes=comes, goes=goes)

    one = st.builds(
        ask,
        st.sampled_from(prompts),
        st.integers(1, 20),
        st.sampled_from(["", "", "1", "2"]),
        st.integers(0, 12),
        st.none() | st.integers(0, 30),
    )
    return st.lists(one, min_size=1, max_size=most)


class PagedRig(Rig):
    """Hold an engine over paged blocks, with recorded steps where there is a `record`."""

    def __init__(
        self,
        model: Loaded,
        *,
        blocks: int = 64,
        size: int = 8,
        slots: int = 8,
        prefill: int = 64,
        prefill_beside: int = 16,
        ahead: int = 0,
        kernel: Kernel | None = None,
        record: "Record | None" = None,
        tokens: int = 0,
    ) -> None:
        self.loaded = model
        self.blocks = BlockManager(blocks, size)
        self.scheduler = Scheduler(
            self.blocks, slots=slots, prefill=prefill, prefill_beside=prefill_beside
        )
        base, names = model.model, model.adapters.names
        self.paged = PagedCache(
            survey(base), kernel or Gathered(), blocks=blocks, size=size, device=base.device
        )
        self.graphs: Graphs | None = None
        forward: Forward = partial(logits_of, base)
        if record:
            forward = self.graphs = Graphs(
                forward, self.paged, record, rows=slots, tokens=tokens or blocks * size
            )
        self.runner = Runner(
            base, self.paged, slots=slots, context=64, adapters=names, forward=forward
        )
        self.engine = Engine(model.name, self.scheduler, self.runner, self.paged, ahead=ahead)

    def is_clean(self) -> bool:
        """Say that nobody holds a block or a row of the sampler any more."""
        held = (*self.runner._rows, *self.scheduler.filled)
        return not held and self.blocks.used == 0 and self.scheduler.idle
