"""Conversations for the docs: people on a stand-in, the bot's own process, the demo model."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from madang.bench.bots.figures import waited
from madang.bench.bots.process import BotFailed, at_work
from madang.settings.paths import profile_path

PATIENCE = 90.0  # seconds for an answer; the first one waits for the model
QUIET = 4.0  # seconds without a change after which an answer is taken for whole
OPTIONS = '\n[bots.telegram.options]\nbase_url = "{url}"\n'


class Line(NamedTuple):
    """Be what somebody says to the bot."""

    who: str
    text: str


DIALOGUE = (
    Line("미나", "피보나치 수열에 대해서 알려 주세요"),
    Line("보람", "한국 문화 안내자: 독도는 어느 나라 땅이에요?"),
    Line("미나", "유행어 친구야, 안녕!"),
)


async def discord_transcript() -> str:
    """Let two people talk with personas in a channel, and return what they saw in the end."""
    from madang.testing.discord import open_discord

    async with open_discord(point=False) as server:
        guild = server.guild("마당")
        first, place = server.channel(guild, "준비"), server.channel(guild, "잡담")
        people = {line.who: server.person(line.who, guild) for line in DIALOGUE}
        with tempfile.TemporaryDirectory(prefix="madang-demo-") as folder:
            profile = _profile(Path(folder))
            async with at_work(profile, "discord", discord=server.url, token=server.token):
                await server.gateway.online(limit=PATIENCE)
                for where, line in ((first, DIALOGUE[0]), *((place, each) for each in DIALOGUE)):
                    people[line.who].says(where, f"@{server.bot.name} {line.text}")
                    await _answered(where.transcript.versions)
    versions = [each for each in place.transcript.versions if each.message_id]
    last = {each.message_id: each for each in versions}
    return "\n".join(each.line(versions[0].at) for each in last.values())


async def telegram_transcript() -> str:
    """Let two people talk with personas in a group, and return what they saw in the end."""
    from madang.testing.telegram import Transcript, telegram_server
    from madang.testing.telegram.changes import Changes

    async with telegram_server() as server:
        people = {line.who: server.person(line.who) for line in DIALOGUE}
        owner, *others = people.values()
        first, group = server.private(owner), server.group("마당", owner, *others)
        with tempfile.TemporaryDirectory(prefix="madang-demo-") as folder:
            options = OPTIONS.format(url=server.base_url.removesuffix("/bot"))
            async with at_work(_profile(Path(folder), options), "telegram", token=server.token):
                for chat, line in ((first, DIALOGUE[0]), *((group, each) for each in DIALOGUE)):
                    people[line.who].says(chat, f"@{server.world.bot.username} {line.text}")
                    await _answered(chat.transcript.sights)
    ended = Transcript(Changes())
    for sight in group.transcript.screen():
        ended.add(sight)
    return ended.render()


TRANSCRIPTS = {"discord": discord_transcript, "telegram": telegram_transcript}


async def _answered(changes: Sequence[object]) -> None:
    """Wait until something was shown after the question, and nothing changed for a while."""
    seen = before = len(changes)
    since = time.monotonic()

    def quiet() -> bool:
        nonlocal seen, since
        if len(changes) != seen:
            seen, since = len(changes), time.monotonic()
        return seen > before + 1 and time.monotonic() - since > QUIET

    if not await waited(quiet, PATIENCE):
        raise BotFailed("The bot did not answer.", "Look whether `madang chat` works here.")


def _profile(folder: Path, options: str = "") -> Path:
    path = folder / "demo.toml"
    path.write_text(profile_path("demo").read_text("utf-8") + options, "utf-8")
    return path
