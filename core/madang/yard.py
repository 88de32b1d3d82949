"""The whole, running: conversations, store, queue and worker, as a bot is given them."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from madang.contract import Backend, Place, Queue, Store
from madang.conversation import Conversations
from madang.errors import MadangError
from madang.filters import FilterBuilder
from madang.inference.need import free_for_models
from madang.joining import bot_name, joined, known_queue, local_queue
from madang.operating.monitor import Monitor
from madang.settings import PoolSettings, Settings, size_of
from madang.setup import PersonaInfo, Setup
from madang.store import SqliteStore
from madang.texts import Texts
from madang.worker import Budget, Pool, working

_log = logging.getLogger(__name__)

RETENTION_SECONDS = 3600.0
MINUTE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Yard:
    """Give a bot the conversations, the personas and the settings of its profile."""

    setup: Setup
    store: Store
    queue: Queue
    conversations: Conversations
    pool: Pool
    monitor: Monitor

    @property
    def settings(self) -> Settings:
        """Return the settings as they are now."""
        return self.setup.settings

    @property
    def profile(self) -> str:
        """Return the profile's name."""
        return self.setup.profile

    def locale(self, place: Place) -> str:
        """Return the language of a place, `ko` or `en`."""
        return self.conversations.options.place(place).locale

    def texts(self, package: str, place: Place) -> Texts:
        """Return the words of a bot's package in the language of a place."""
        return Texts.of(package, self.locale(place))

    def personas(self, place: Place) -> Sequence[PersonaInfo]:
        """List the personas as they are bound at a place, those that cannot answer included."""
        return self.setup.personas(place)

    async def warm(self, place: Place) -> None:
        """Begin to load the model of a place's persona, before the first question needs it.

        Where workers are processes of their own, that is up to them.
        """
        if not self.pool.backends:
            return
        with contextlib.suppress(MadangError):
            bound = await self.conversations.current(place)
            async with self.pool.using(bound.binding.model, lambda done: None):
                pass


@contextlib.asynccontextmanager
async def open_yard(
    setup: Setup, *, store: str = "", monitor: Monitor | None = None
) -> AsyncIterator[Yard]:
    """Run the store and the queue in this process while a bot serves people.

    With a local queue a worker runs here too. `store` overrides the profile's path; `:memory:`
    keeps nothing. `monitor` hears of every answer.
    """
    monitor = monitor or Monitor()
    settings = setup.settings
    known_queue(setup)
    backends = setup.backends() if settings.queue.kind == "local" else {}
    async with contextlib.AsyncExitStack() as stack:
        kept = await SqliteStore.open(store or settings.store.path)
        stack.push_async_callback(kept.close)
        pool = make_pool(backends, settings.pool)
        if settings.queue.kind == "local":
            queue: Queue = local_queue(settings.queue, backends)
            # Once the conversations are closed nobody hears what it still says.
            serving = working(queue, pool, patience=0, served=monitor.served)
            worker = await stack.enter_async_context(serving)
            monitor.watch(worker, pool)
        else:
            queue = await stack.enter_async_context(joined(setup, bot=bot_name(setup)))
        conversations = Conversations(
            store=kept,
            queue=queue,
            settings=setup.live.current,
            personas=setup.plugins.personas,
            filters=FilterBuilder(setup.live.current, setup.plugins.filters),
            watch=monitor.follow,
        )
        stack.push_async_callback(conversations.close)
        await conversations.options.refresh()
        await stack.enter_async_context(_background(_expire(conversations)))
        yield Yard(
            setup=setup,
            store=kept,
            queue=queue,
            conversations=conversations,
            pool=pool,
            monitor=monitor,
        )


def make_pool(backends: Mapping[str, Backend], settings: PoolSettings) -> Pool:
    """Make the pool of these backends as the profile bounds it."""
    idle = settings.idle_minutes * MINUTE_SECONDS
    return Pool(backends, budget=_budget(settings), idle=idle)


def _budget(settings: PoolSettings) -> Budget:
    """Give what the profile grants models, or else measure what is free."""

    async def budget() -> int | None:
        return size_of(settings.memory) or await asyncio.to_thread(free_for_models)

    return budget


@contextlib.asynccontextmanager
async def _background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _expire(conversations: Conversations) -> None:
    """Delete what is older than the profile and options keep, at start and then every hour."""
    while True:
        try:
            await conversations.expire()
        except MadangError as error:
            _log.warning("old conversations stay: %s", error)
        await asyncio.sleep(RETENTION_SECONDS)
