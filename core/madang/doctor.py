"""What `madang doctor` looks at: one function a thing, each with what to do about it."""

import contextlib
import importlib
import importlib.metadata
import os
import sys
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path

from madang.contract import Resident
from madang.errors import MadangError, SwitchedOff
from madang.joining import linked
from madang.models.checks.finding import Finding
from madang.models.listing import rows_of
from madang.settings import size_of
from madang.setup import Setup, prepare
from madang.store import SqliteStore

INFERENCE = ("torch", "transformers", "peft", "safetensors")


async def examine(
    profile: str | None, *, without: Collection[str] = (), strict: bool = False
) -> list[Finding]:
    """Look at everything; what depends on a broken thing is left out."""
    findings = [_python(), *_packages()]
    try:
        setup = prepare(profile, os.environ, without=without, strict=strict)
    except MadangError as error:
        return [*findings, _failure("profile", error)]
    findings.append(Finding("ok", "profile", str(setup.live.loaded.path)))
    findings += [*_warnings(setup), *_plugins(setup), *_personas(setup)]
    findings += [each async for each in _store(setup)]
    findings += [each async for each in _queue(setup)]
    findings += [each async for each in _models(setup)]
    return findings


def _python() -> Finding:
    return Finding("ok", "python", sys.version.split()[0])


def _packages() -> Iterator[Finding]:
    hint = "Install them: pip install 'madang[inference]', or `make chat` in a checkout."
    for name in INFERENCE:
        try:
            yield Finding("ok", name, importlib.metadata.version(name) + _device(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding("warning", name, "not installed; local models cannot run", hint)
        except (ImportError, OSError) as error:
            yield Finding("failure", name, f"cannot be imported: {error}", hint)


def _device(name: str) -> str:
    if name != "torch":
        return ""
    from madang.inference.device import describe_device

    return f" on {describe_device()}"


def _warnings(setup: Setup) -> Iterator[Finding]:
    for error in setup.warnings:
        yield Finding("warning", "profile", error.message, error.hint)


def _plugins(setup: Setup) -> Iterator[Finding]:
    for status in setup.plugins.statuses:
        if status.state == "failed":
            yield Finding(
                "failure",
                "plugin",
                f"{status.name}: {status.reason}",
                f"Mend it, or leave it out: --without {status.name}",
            )
        else:
            yield Finding("ok", "plugin", f"{status.name}: {status.state}")


def _personas(setup: Setup) -> Iterator[Finding]:
    for info in setup.personas():
        if isinstance(info.problem, SwitchedOff):
            yield Finding("ok", "persona", f"{info.persona.name}: switched off by the profile")
        elif info.problem:
            yield _failure("persona", info.problem)
    try:
        setup.backends()
    except MadangError as error:
        yield _failure("persona", error)


async def _store(setup: Setup) -> AsyncIterator[Finding]:
    path = setup.settings.store.path
    existed = _exists(path)
    try:
        store = await SqliteStore.open(path)
    except MadangError as error:
        yield _failure("store", error)
        return
    await store.close()
    yield Finding("ok", "store", path if existed else f"{path} (new)")


async def _queue(setup: Setup) -> AsyncIterator[Finding]:
    """Look at the server between bots and workers, where the profile has one."""
    if setup.settings.queue.kind != "redis":
        return
    try:
        async with linked(setup.settings.queue, setup.live.loaded.path) as link:
            from madang.fleet.overview import overview

            found = await overview(link, setup.profile)
    except MadangError as error:
        yield _failure("queue", error)
        return
    server = found.server
    yield Finding("ok", "queue", f"{server.kind} {server.version} at {server.address}".strip())
    for problem in found.problems:
        yield Finding("warning", "queue", problem, "`madang status` shows more.")


async def _models(setup: Setup) -> AsyncIterator[Finding]:
    backends = {}
    with contextlib.suppress(MadangError):
        backends = setup.backends()
    to_fetch, limit = dict(_to_fetch(setup)), size_of(setup.settings.pool.memory)
    for name, backend in backends.items():
        if name in to_fetch:
            yield to_fetch[name]
            continue
        try:
            if limit and isinstance(backend, Resident):
                await backend.need(limit)
            await backend.load(lambda done: None)
            yield Finding("ok", "model", f"{name}: loads, context {backend.context} tokens")
        except MadangError as error:
            yield _failure("model", error)
        finally:
            await backend.close()


def _to_fetch(setup: Setup) -> Iterator[tuple[str, Finding]]:
    """Name the models that loading would fetch: an examination must not begin a download."""
    for row in rows_of(setup.settings):
        if any(part.part.kind == "hub" and part.state != "present" for part in row.parts):
            found = f"{row.name}: {row.state}; it is fetched when somebody first asks for it"
            hint = f"Fetch it now: madang models pull {row.name} --profile {setup.profile_argument}"
            yield row.name, Finding("warning", "model", found, hint)


def _exists(path: str) -> bool:
    return Path(path).exists()


def _failure(what: str, error: MadangError) -> Finding:
    return Finding("failure", what, error.message, error.hint)
