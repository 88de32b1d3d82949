"""A bot at work in a process of its own, which is killed, stopped and started again."""

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from madang.store import SqliteStore

CHILD = "madang.bench.bots.child"
PATIENCE, SOON = 90.0, 30.0
"""How long a process may take to end before it is killed, and before that is a complaint."""
GROWTH, ROOM = 1.25, 16 * 2**20
"""By how much a process may be larger at the end than after a third of the time."""
PROFILE = """\
persona = "parrot"
[models.talker]
backend = "talker"
[defaults]
model = "talker"
[plugins]
dirs = ["plugins"]
without = ["assistant", "culture_qa", "finance_advisor", "qa_generator", "slang_friend"]
[store]
path = "talk.db"
[queue]
max_waiting_per_user = 64
{queue}
{options}
"""
REDIS = """\
kind = "redis"
url = "{url}"
lease_seconds = 2
attempts = 20
"""
PERSONA = """\
name = "{name}"
[text.ko]
title = "{title}"
description = "답하는 새"
greeting = "안녕하세요!"
samples = ["무엇일까요?"]
[text.en]
title = "{name}"
description = "A bird that answers"
greeting = "Hello!"
samples = ["What is it?"]
[forms.general]
kind = "chat"
history = "all"
[forms.general.sampling]
max_new_tokens = 100000
"""
PLUGIN = """\
import madang
from tests.soak.talker import Talker


@madang.hookimpl
def register_backends(register):
    register("talker", Talker)
"""


def write_profile(folder: Path, options: str, redis: str = "") -> Path:
    """Write a profile with two personas; with the address of a server its queue is there."""
    for name, title in (("parrot", "앵무새"), ("owl", "올빼미")):
        home = folder / "plugins" / name
        home.mkdir(parents=True)
        (home / "persona.toml").write_text(PERSONA.format(name=name, title=title), "utf-8")
    (folder / "plugins" / "talking.py").write_text(PLUGIN, "utf-8")
    path = folder / "soak.toml"
    queue = REDIS.format(url=redis) if redis else ""
    path.write_text(PROFILE.format(queue=queue, options=options), "utf-8")
    return path


@dataclass(kw_only=True)
class Process:
    """Run a command of madang on a profile; it ends with this process whatever happens."""

    profile: Path
    command: tuple[str, ...]
    token: str
    discord: str = ""
    weights: list[int] = field(default_factory=list)
    farewells: list[float] = field(default_factory=list)
    _running: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """Return all that it ever logged."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    @property
    def _log(self) -> Path:
        return self.profile.parent / f"{self.command[0]}.log"

    async def start(self) -> None:
        """Start it."""
        report = self.profile.with_name(f"{self.command[0]}.json")
        words = (sys.executable, "-W", "ignore", "-m", CHILD, str(report), self.discord)
        with self._log.open("ab") as log:
            self._running = await asyncio.create_subprocess_exec(
                *words,
                *self.command,
                "--profile",
                str(self.profile),
                env=self._environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    async def kill(self) -> None:
        """Kill it, if it still runs."""
        if self._running is not None and self._running.returncode is None:
            self._running.kill()
            await self._running.wait()

    async def leave(self) -> None:
        """Tell it to end, and see that it does so in peace."""
        assert self._running is not None
        assert self._running.returncode is None, f"it ended by itself:\n{self.log[-3000:]}"
        begun = time.monotonic()
        self._running.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(self._running.wait(), PATIENCE)
        self.farewells.append(time.monotonic() - begun)
        assert status == 0, f"it ended with {status}:\n{self.log[-3000:]}"

    def weigh(self) -> None:
        """Note how large it is now."""
        status = Path(f"/proc/{self._running.pid if self._running else 0}/status")
        if self._running is not None and self._running.returncode is None and status.exists():
            rows = dict(line.split(":", 1) for line in status.read_text().splitlines())
            self.weights.append(int(rows.get("VmRSS", "0 kB").split()[0]) * 1024)

    def complaints(self) -> list[str]:
        """Say what is wrong with its log and with how it grew."""
        log, found = self.log, list[str]()
        if "Traceback" in log:
            found.append("a traceback: " + log[log.index("Traceback") - 300 :][:3000])
        if self.token in log:
            found.append("the token is in the log")
        found += [f"it took {each:.0f} s to end" for each in self.farewells if each > SOON]
        third = self.weights[: len(self.weights) // 3]
        if third and self.weights[-1] > GROWTH * max(third) + ROOM:
            found.append(f"it grew from {max(third):,} to {self.weights[-1]:,} bytes")
        return found

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MADANG")}
        return {
            **kept,
            "MADANG_HOME": str(self.profile.parent / "home"),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]),
            "PYTHONUTF8": "1",
            "DISCORD_TOKEN": self.token,
            "TELEGRAM_TOKEN": self.token,
        }


async def left_in_store(folder: Path, bot: str) -> list[str]:
    """Say what a bot that has ended left unanswered or unshown."""
    store = await SqliteStore.open(folder / "home" / "talk.db")
    try:
        unanswered = [each.place.key for each in await store.adopt(bot)]
        unshown = [each.conversation.place.key for each in await store.unshown(bot)]
    finally:
        await store.close()
    left = {"is not answered": unanswered, "is not shown": unshown}
    return [f"{key} {what}" for what, keys in left.items() for key in keys]
