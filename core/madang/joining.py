"""How a process joins the others: the queue that its profile names."""

import os
import socket
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from madang.errors import MissingPackage, SettingsError, nearest
from madang.queue import LocalQueue
from madang.settings import QueueSettings
from madang.setup import Setup

if TYPE_CHECKING:
    from madang.queue.redis import RedisQueue, Terms
    from madang.queue.redis.link import Link

KINDS = ("local", "redis")


def known_queue(setup: Setup) -> None:
    """Refuse a profile whose queue is none."""
    kind = setup.settings.queue.kind
    if kind not in KINDS:
        raise SettingsError(
            f"{setup.live.loaded.path}: queue.kind: there is no queue '{kind}'.",
            nearest(kind, KINDS),
        )


def local_queue(settings: QueueSettings, models: Collection[str]) -> LocalQueue:
    """Make a queue within this process, for these models."""
    return LocalQueue(
        models=models,
        max_waiting=settings.max_waiting,
        max_waiting_per_user=settings.max_waiting_per_user,
    )


@asynccontextmanager
async def joined(setup: Setup, *, bot: str = "") -> AsyncIterator["RedisQueue"]:
    """Join the deployment of a profile, as a bot of that name or as a worker.

    Raises `SettingsError` and `QueueUnreachable`, naming the address without its secrets.
    """
    settings = setup.settings.queue
    terms = _terms(settings)
    from madang.queue.redis import RedisQueue

    address = address_of(settings, str(setup.live.loaded.path), os.environ)
    queue = RedisQueue(address, terms=terms, bot=bot)
    try:
        await queue.check()
        yield queue
    finally:
        await queue.close()


@asynccontextmanager
async def linked(settings: QueueSettings, profile: Path) -> AsyncIterator["Link"]:
    """Reach the server of a deployment to look at it from outside; raises as `joined` does."""
    if settings.kind != "redis":
        raise SettingsError(
            f"{profile}: queue.kind: a {settings.kind} queue lives inside its bot's process, so "
            "there is nothing to look at from outside.",
            "Ask the bot itself: /about tells how its model fares. Bots and workers that are "
            'processes of their own need [queue] kind = "redis" and its url.',
        )
    terms = _terms(settings)
    from madang.queue.redis.address import Address
    from madang.queue.redis.link import Link

    link = Link(Address(address_of(settings, str(profile), os.environ)), terms)
    try:
        yield link
    finally:
        await link.stop()
        await link.close()


def _terms(settings: QueueSettings) -> "Terms":
    try:
        from madang.queue.redis import Terms
    except ImportError as error:
        raise MissingPackage(
            f"queue.kind 'redis' needs a package that is not there: {error.name}.",
            "Install it: pip install 'madang[redis]'.",
        ) from error
    return Terms(
        namespace=settings.namespace,
        lease=settings.lease_seconds,
        attempts=settings.attempts,
        max_waiting=settings.max_waiting,
        max_waiting_per_user=settings.max_waiting_per_user,
        needs_worker=True,
    )


def bot_name(setup: Setup) -> str:
    """Name this machine's bots on a profile, the same after every restart."""
    return f"{socket.gethostname()}/{setup.profile}"


def address_of(settings: QueueSettings, profile: str, environ: Mapping[str, str]) -> str:
    """Find the server's address, which stands in exactly one place."""
    given = [name for name in ("url", "url_env", "url_file") if getattr(settings, name)]
    if len(given) != 1:
        what = "say where the server is" if not given else "say the same thing"
        raise SettingsError(
            f"{profile}: queue: {' and '.join(given) or 'url, url_env and url_file'} {what}.",
            "Set exactly one of queue.url, queue.url_env and queue.url_file.",
        )
    if settings.url_env:
        return _from_variable(settings.url_env, profile, environ)
    return _from_file(settings.url_file, profile) if settings.url_file else settings.url


def _from_variable(name: str, profile: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise SettingsError(
            f"{profile}: queue.url_env: the environment variable {name} is not set.",
            f"Set it to the server's address: export {name}=redis://…",
        )
    return environ[name].strip()


def _from_file(file: str, profile: str) -> str:
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{profile}: queue.url_file: {file} cannot be read: {error}",
            "Write the server's address into it, and nothing else.",
        ) from error
