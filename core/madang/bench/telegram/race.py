"""Measure the Telegram bot, as a process on a strict local server, in a flood of penalties."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from madang.bench.bots.figures import Need, Plan, spread
from madang.bench.bots.narrator import read_notes
from madang.bench.bots.process import BotFailed, Size, at_work
from madang.bench.bots.profile import write_profile
from madang.bench.engine.busy import Busy
from madang.bench.engine.machine import cpu
from madang.bench.queue.server import serving
from madang.bench.telegram.scene import Asked, Scene
from madang.testing.telegram import Flood, Slow, telegram_server

ALLOWED = 120.0  # seconds after which an answer counts as missed
STARTED = 20.0
PENALTY_S = 5
SLOW_S = 0.5
SEED = 7
FIRST_S, OTHER_S, MEMORY_MB = 1.0, 1.0, 150.0
OPTIONS = '[bots.telegram.options]\nbase_url = "{url}"\n'

Progress = Callable[[str], None]
Figures = dict[str, object]


def bench_telegram(plan: Plan, progress: Progress) -> Figures:
    """Measure one chat's penalty beside other chats, then a flood; the queue is Redis."""
    with serving() as redis:
        return asyncio.run(_race(plan, redis, progress))


async def _race(plan: Plan, redis: str, progress: Progress) -> Figures:
    busy = Busy()
    async with _bot(redis) as (scene, folder, size):
        progress(f"a chat with a penalty of {PENALTY_S} s, a slow one, and one beside them")
        apart = await _apart(scene, folder, plan)
        progress(f"{plan.conversations} conversations; every second edit and third send is a 429")
        flood = await _flood(scene, folder, plan)
    figures = {**flood, "bot_peak_mb": size.peak_mb, "bot_heavy_modules": list(size.heavy)}
    return {
        "cpu": cpu(),
        "used_by_others_and_children": busy.share(),
        "apart": apart,
        "flood": figures,
        "needs": _needs(apart, flood, size),
    }


@contextlib.asynccontextmanager
async def _bot(redis: str) -> AsyncIterator[tuple[Scene, Path, Size]]:
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as name:
        folder = Path(name)
        async with telegram_server() as server:
            options = OPTIONS.format(url=server.base_url.removesuffix("/bot"))
            profile = write_profile(folder, options=options, redis=redis)
            async with at_work(profile, "telegram", token=server.token, redis=True) as size:
                scene = Scene(server)
                first = scene.asks(0)
                if not await scene.told([first], STARTED):
                    raise BotFailed("The bot did not tell its first story.", server.story())
                yield scene, folder, size


async def _apart(scene: Scene, folder: Path, plan: Plan) -> dict[str, float | None]:
    punished, slow, beside = (scene.asks(plan.milliseconds) for _ in range(3))
    faults = scene.server.faults
    faults.plan(Flood(PENALTY_S), "editMessageText", chat=punished.chat)
    faults.plan(Slow(SLOW_S), "sendMessageDraft", chat=slow.chat, times=1000)
    asked = (punished, slow, beside)
    await scene.told(asked, plan.seconds + ALLOWED)
    faults.calm()
    after = dict(zip(("punished", "slow", "beside"), _after(scene, folder, asked), strict=False))
    return {
        **{f"{name}_shown_after_end_s": round(value, 2) for name, value in after.items()},
        "first_reaction_s": spread(_reactions([punished, beside]))["max"],
        "previews_at_once": float(scene.previews_at_once()),
    }


async def _flood(scene: Scene, folder: Path, plan: Plan) -> dict[str, object]:
    before = len(scene.server.calls)
    scene.server.faults.storm(SEED)
    asked = [
        scene.asks(plan.milliseconds, group=number % 2 == 1) for number in range(plan.conversations)
    ]
    await scene.told(asked, plan.seconds + ALLOWED)
    codes = [call.code for call in scene.server.calls[before:]]
    return {
        "conversations": len(asked),
        "missed_finals": sum(not each.times_shown() for each in asked),
        "shown_twice": sum(each.times_shown() > 1 for each in asked),
        "wrong_entities": sum(not each.styled() for each in asked),
        "blemishes": sum(len(each.blemishes()) for each in asked),
        "shown_after_end_s": spread(_after(scene, folder, asked)),
        "first_reaction_s": spread(_reactions(asked)),
        "calls": len(codes),
        "limited_429": codes.count(429),
        "penalties_ignored": scene.server.budget.ignored,
        "refused": sum(400 <= code < 500 and code != 429 for code in codes),
        "previews_at_once": scene.previews_at_once(),
    }


def _after(scene: Scene, folder: Path, asked: Sequence[Asked]) -> list[float]:
    told = read_notes(folder / "notes")
    shown = [(each.story.number, each.shown_at()) for each in asked]
    return [
        scene.since_epoch(at) - told[number].ended
        for number, at in shown
        if at is not None and number in told
    ]


def _reactions(asked: Sequence[Asked]) -> list[float]:
    return [first for each in asked if (first := each.first_reaction()) is not None]


def _needs(
    apart: dict[str, float | None], flood: dict[str, object], size: Size
) -> dict[str, object]:
    none = ("missed_finals", "shown_twice", "wrong_entities", "blemishes", "refused")
    needs = {name: Need(_number(flood[name]), 0) for name in none}
    needs |= {
        "previews_at_once": Need(_number(flood["previews_at_once"]), 1),
        "beside_shown_after_end_s": Need(apart.get("beside_shown_after_end_s"), OTHER_S),
        "first_reaction_s": Need(apart["first_reaction_s"], FIRST_S),
        "bot_peak_mb": Need(size.peak_mb, MEMORY_MB),
        "bot_heavy_modules": Need(len(size.heavy), 0),
    }
    return {name: need.figures() for name, need in needs.items()}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
