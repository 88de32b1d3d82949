"""Answer what bots in other processes are asked, with the models of a profile.

Bots and workers meet in the queue that the profile names ([queue], kind "redis"). On SIGTERM or
Ctrl-C it takes nothing more, finishes what runs for a while, and gives the rest back to the others.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Sequence

from madang.cli.profile import add_profile_options, setup_from
from madang.contract import Backend
from madang.errors import MadangError, SettingsError, UnknownModel, nearest
from madang.fleet.reporting import reporting
from madang.joining import joined
from madang.marks import marked
from madang.operating import logged, monitored
from madang.operating.health import worker_check
from madang.setup import Setup
from madang.worker import Worker
from madang.worker.worker import DRAIN_SECONDS
from madang.yard import make_pool

_log = logging.getLogger(__name__)

LAST_WORDS = 5.0
"""How long what was not finished may take to be given back, in seconds."""


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add what to serve, under which name."""
    add_profile_options(parser)
    parser.add_argument(
        "--model",
        metavar="NAME",
        action="append",
        default=[],
        help="serve this model only (may be given several times; default: all of the profile)",
    )
    parser.add_argument(
        "--name",
        default="",
        help="the worker's name; under a fixed one it takes back at once what it held before a "
        "crash, and no two workers may share it (default: the host's name and the process id)",
    )
    parser.add_argument(
        "--drain",
        metavar="SECONDS",
        type=float,
        default=DRAIN_SECONDS,
        help="how long answers may go on after SIGTERM (default: %(default)g)",
    )


def run(options: argparse.Namespace) -> int:
    """Work until told to stop."""
    setup = setup_from(options)
    name = options.name or f"{socket.gethostname()}-{os.getpid()}"
    with logged(setup), marked(worker=name):
        return _serve(setup, options.model, name, options.drain)


def _serve(setup: Setup, models: Sequence[str], name: str, drain: float) -> int:
    for complaint in setup.complaints:
        _log.warning("%s", complaint)
    if setup.settings.queue.kind != "redis":
        raise SettingsError(
            f'{setup.live.loaded.path}: queue.kind: a worker of its own needs "redis".',
            'Set [queue] kind = "redis" and its url; bots on a local queue need no worker.',
        )
    return asyncio.run(_work(setup, _chosen(setup, models), name, drain))


def _chosen(setup: Setup, models: Sequence[str]) -> dict[str, Backend]:
    backends = setup.backends()
    for name in models:
        if name not in backends:
            raise UnknownModel(
                f"--model: the profile has no model '{name}'.", nearest(name, backends)
            )
    return {name: backends[name] for name in models or backends}


async def _work(setup: Setup, backends: dict[str, Backend], name: str, drain: float) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with contextlib.AsyncExitStack() as stack:
        monitor = await stack.enter_async_context(monitored(setup))
        queue = await stack.enter_async_context(joined(setup))
        pool = make_pool(backends, setup.settings.pool)
        stack.push_async_callback(pool.close)
        worker = Worker(queue, pool, name=name, served=monitor.served)
        monitor.watch(worker, pool)
        # Bots are refused until somebody offers their model.
        await queue.take(name, list(backends), 0)
        await stack.enter_async_context(reporting(worker, setup))
        running = asyncio.create_task(worker.run())
        monitor.ready(worker=worker_check(worker))
        _log.info("worker %s serves %s", name, ", ".join(backends))
        await _until_stopped(worker, running, stopping, drain)
    _log.info("worker %s has stopped", name)
    return 0


async def _until_stopped(
    worker: Worker, running: asyncio.Task[None], stopping: asyncio.Event, drain: float
) -> None:
    told = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({told, running}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            _log.info("draining for at most %g s", drain)
            draining = asyncio.create_task(worker.drain(drain))
            # While the server is away nothing can be given back: the leases end instead.
            await asyncio.wait({running}, timeout=drain + LAST_WORDS)
            draining.cancel()
            running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    except* MadangError as errors:
        raise _first(errors) from errors
    finally:
        told.cancel()


def _first(errors: BaseExceptionGroup[MadangError]) -> MadangError:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
