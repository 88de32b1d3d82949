"""Measure the Discord bot, as a process on a strict local server, under the service's rates."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from madang.bench.bots.figures import Need, Plan, spread
from madang.bench.bots.narrator import read_notes
from madang.bench.bots.process import BotFailed, Size, at_work
from madang.bench.bots.profile import write_profile
from madang.bench.discord.scene import Asked, Scene
from madang.bench.engine.busy import Busy
from madang.bench.engine.machine import cpu
from madang.bench.queue.server import serving
from madang.testing.discord import open_discord

STREAMS = 3
ALLOWED = 90.0  # seconds after which an answer counts as missed
STARTED = 15.0
LIMITED = 20  # edits that the service answers with 429, besides its rates
SHOWN_S, FIRST_S, MEMORY_MB, LATE_S = 4.0, 1.0, 200.0, 1.0

Progress = Callable[[str], None]
Figures = dict[str, object]


def bench_discord(plan: Plan, progress: Progress) -> Figures:
    """Measure streams in one channel and a crowd in many; the bot's queue is a Redis server."""
    with serving() as redis:
        return asyncio.run(_race(plan, redis, progress))


async def _race(plan: Plan, redis: str, progress: Progress) -> Figures:
    busy = Busy()
    progress(f"{STREAMS} answers of {plan.seconds:g} s in one channel, bot and model in a process")
    async with _bot("") as (scene, folder, _):
        streams = await _streams(scene, folder, plan)
    progress(f"{plan.conversations} conversations in {plan.channels} channels, against Redis")
    async with _bot(redis) as (scene, folder, size):
        crowd = await _crowd(scene, folder, plan)
    figures = _memory(crowd, size)
    return {
        "cpu": cpu(),
        "used_by_others_and_children": busy.share(),
        "streams": streams,
        "crowd": figures,
        "needs": _needs(streams, figures, plan),
    }


@contextlib.asynccontextmanager
async def _bot(redis: str) -> AsyncIterator[tuple[Scene, Path, Size]]:
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as name:
        folder = Path(name)
        profile = write_profile(folder, redis=redis)
        async with (
            open_discord(point=False) as server,
            at_work(
                profile, "discord", discord=server.url, token=server.token, redis=bool(redis)
            ) as size,
        ):
            scene = Scene(server)
            await server.gateway.online(limit=STARTED)
            (place,), (person,) = scene.channels(1), scene.people(1)
            if not await scene.told([scene.asks(person, place, 0)], STARTED):
                raise BotFailed("The bot did not tell its first story.", str(place.transcript))
            yield scene, folder, size


async def _streams(scene: Scene, folder: Path, plan: Plan) -> Figures:
    (place,) = scene.channels(1)
    asked = [scene.asks(each, place, plan.milliseconds) for each in scene.people(STREAMS)]
    await scene.told(asked, plan.seconds + ALLOWED)
    told = read_notes(folder / "notes")
    found = [told[each.story.number] for each in asked if each.story.number in told]
    return {
        "answers": len(asked),
        "seconds": plan.seconds,
        "consumed_s": spread(each.ended - each.begun for each in found),
        "edits": sum(each.edits() for each in asked),
        **_shown(scene, folder, asked),
    }


async def _crowd(scene: Scene, folder: Path, plan: Plan) -> Figures:
    places = scene.channels(plan.channels)
    scene.server.faults.limits(
        "PATCH", "/channels/*/messages/*", retry_after=1.0, nth=10, times=LIMITED
    )
    asked = [
        scene.asks(person, places[number % len(places)], plan.milliseconds)
        for number, person in enumerate(scene.people(plan.conversations))
    ]
    await scene.told(asked, plan.seconds + ALLOWED)
    return {
        "conversations": len(asked),
        "channels": len(places),
        **_shown(scene, folder, asked),
    }


def _shown(scene: Scene, folder: Path, asked: Sequence[Asked]) -> Figures:
    told = read_notes(folder / "notes")
    after = [
        whole[0].at - told[each.story.number].ended
        for each in asked
        if (whole := each.whole()) and each.story.number in told
    ]
    reactions = [first for each in asked if (first := each.first_reaction()) is not None]
    messages = [first for each in asked if (first := each.first_message()) is not None]
    statuses = [request.status for request in scene.server.requests.all]
    return {
        "missed_finals": sum(not each.messages() for each in asked),
        "shown_twice": sum(each.messages() > 1 for each in asked),
        "shown_after_end_s": spread(after),
        "first_reaction_s": spread(reactions),
        "first_message_s": spread(messages),
        "requests": len(statuses),
        "limited_429": statuses.count(429),
        "invalid_requests": sum(400 <= status < 500 and status != 429 for status in statuses),
    }


def _memory(crowd: Figures, size: Size) -> Figures:
    return {**crowd, "bot_peak_mb": size.peak_mb, "bot_heavy_modules": list(size.heavy)}


def _needs(streams: Figures, crowd: Figures, plan: Plan) -> dict[str, object]:
    needs = {
        "consumed_s": Need(_largest(streams, "consumed_s"), plan.seconds + LATE_S),
        "shown_after_end_s": Need(_largest(streams, "shown_after_end_s"), SHOWN_S),
        "first_reaction_s": Need(_largest(streams, "first_reaction_s"), FIRST_S),
        "missed_finals": Need(_number(crowd, "missed_finals"), 0),
        "invalid_requests": Need(_number(crowd, "invalid_requests"), 0),
        "bot_peak_mb": Need(_number(crowd, "bot_peak_mb"), MEMORY_MB),
        "bot_heavy_modules": Need(len(_list(crowd, "bot_heavy_modules")), 0),
    }
    return {name: need.figures() for name, need in needs.items()}


def _largest(figures: Figures, name: str) -> float | None:
    found = figures[name]
    return found["max"] if isinstance(found, dict) else None


def _number(figures: Figures, name: str) -> float | None:
    found = figures[name]
    return float(found) if isinstance(found, int | float) else None


def _list(figures: Figures, name: str) -> list[object]:
    found = figures[name]
    return found if isinstance(found, list) else []
