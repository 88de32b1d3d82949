"""Starting the bot: its command, its settings, its token, and `--check`."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import at_work, build

from madang.cli import main
from madang.errors import MadangError
from madang.setup import prepare
from madang.testing.discord import DiscordServer, Portal, open_discord, pointed_at
from madang_discord import checking
from madang_discord.bot import DiscordBot
from madang_discord.commands import tree_for
from madang_discord.options import DiscordOptions, options_of, token_of
from madang_discord.portal import asking
from madang_discord.publishing import wanted_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MADANG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    yield


async def check(profile: Path) -> dict[str, str]:
    """Return what `--check` finds of Discord, by what it looks at."""
    found: dict[str, str] = {}
    async for each in DiscordBot().check(prepare(profile, {})):
        words = f"{each.state}: {each.found} {each.hint}".strip()
        found[each.what] = "\n".join(filter(None, [found.get(each.what, ""), words]))
    return found


def changes(server: DiscordServer) -> list[str]:
    """List the calls that changed something."""
    return [each.method for each in server.requests.all if each.method != "GET"]


def test_the_bots_are_listed(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bot", "--profile", str(profile)]) == 0
    assert "madang bot discord" in capsys.readouterr().out


def test_without_a_token_it_says_where_one_is(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bot", "discord", "--profile", str(profile)]) == 2
    assert "environment variable DISCORD_TOKEN" in capsys.readouterr().err
    assert main(["bot", "discord", "--check", "--profile", str(profile)]) == 1
    assert "FAIL  token" in capsys.readouterr().out


def test_unknown_options_are_named(tmp_path: Path) -> None:
    profile = build(tmp_path, options="tokn_env = 'X'")
    with pytest.raises(MadangError, match=r"test.toml.*tokn_env.*\n.*token_env"):
        options_of(prepare(profile, {}))


def test_the_token_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    options = DiscordOptions(token_file=str(path))
    with pytest.raises(MadangError, match="cannot be read"):
        token_of(options)
    path.write_text("abc.def-g_h\n", "utf-8")
    assert token_of(options) == "abc.def-g_h"
    path.write_text("Bot abc", "utf-8")
    with pytest.raises(MadangError, match="is no token") as caught:
        token_of(options)
    assert "abc" not in str(caught.value)


async def test_a_check_that_passes(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", scene.server.token)
    async with at_work(profile, scene.server):
        await scene.server.requests.seen("PUT", "/commands")
    before = changes(scene.server)
    found = await check(profile)
    assert changes(scene.server) == before
    assert {words.partition(":")[0] for words in found.values()} == {"ok"}
    assert found["token"].startswith("ok: valid: 마당이")
    assert f"client_id={scene.server.bot.id}" in found["invitation"]
    assert "integration_type=1" in found["for oneself"]
    assert found["servers"] == "ok: in 1"


async def test_a_check_compares_the_commands(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", scene.server.token)
    async with asking(scene.server.token) as client:
        wanted = await wanted_of(await tree_for(client))
        chat, retry, *others = wanted
        there = [{**chat, "description": "옛날 말"}, {**retry, "name": "old"}, *others]
        await client.http.bulk_upsert_global_commands(scene.server.bot.id, payload=there)
    found = (await check(profile))["commands"]
    assert "missing: /retry; changed: /chat; foreign: /old" in found.replace("/reset", "/retry")
    assert "at the next start" in found


async def test_a_check_tells_where_permissions_are_missing(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", scene.server.token)
    monkeypatch.setattr(checking, "PAGE", 1)
    poor = scene.server.guild("조용한 곳", allowed=("view_channel", "send_messages"))
    poor.everyone.permissions = 0
    rich = scene.server.guild("넉넉한 곳", allowed=("administrator",))
    rich.everyone.permissions = 0
    found = await check(profile)
    assert found["servers"] == "ok: in 3"
    (line,) = found["permissions"].splitlines()
    assert line.startswith(f"warning: 조용한 곳 ({poor.id}) does not give: ")
    assert "Attach Files" in line
    assert "Send Messages," not in line


async def test_a_check_warns_before_discord_lets_it_join_no_more(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", scene.server.token)
    monkeypatch.setattr(checking, "VERIFIED_FROM", 1)
    assert "not verified" in (await check(profile))["servers"]


async def test_a_check_tells_what_the_portal_switches_off(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_discord(portal=Portal(user_install=False, public=False)) as server:
        monkeypatch.setenv("DISCORD_TOKEN", server.token)
        found = await check(profile)
    assert "Installation, User Install" in found["user install"]
    assert "its owner alone" in found["application"]
    assert "for oneself" not in found


def missing(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List what was logged of missing permissions."""
    return [each.message for each in caplog.records if each.name == "madang_discord.standing"]


async def test_a_start_tells_what_is_missing_on_a_server_once(
    profile: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_discord() as server:
        poor = server.guild("조용한 곳", allowed=("view_channel", "send_messages"))
        poor.everyone.permissions = 0
        caplog.set_level("WARNING", "madang_discord.standing")
        async with at_work(profile, server):
            await server.requests.seen("PUT", "/commands")
            server.gateway.drop(resumable=False)
            await server.gateway.began(identified=2)
            late = server.world.add_guild("새 곳", "ko")
            late.everyone.permissions = 0
            server.moderator.invites_bot(late, "send_messages")
            async with asyncio.timeout(5):
                while len(missing(caplog)) < 2:  # noqa: ASYNC110 - a log rings no bell
                    await asyncio.sleep(0)
    first, second = missing(caplog)
    assert first.startswith(f"조용한 곳 ({poor.id}) does not give: Send Messages in Threads (")
    assert "Attach Files (long answers have no file)" in first
    assert second.startswith(f"새 곳 ({late.id}) does not give: View Channels (nothing is heard)")


@pytest.mark.parametrize(
    ("method", "words"), [("limits", "wants no calls for 60 s"), ("fails", "does not allow it")]
)
async def test_a_check_goes_on_where_discord_refuses(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch, method: str, words: str
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", scene.server.token)
    for path in ("/applications/*/commands", "/users/@me/guilds"):
        if method == "limits":
            scene.server.faults.limits("GET", path, retry_after=60.0)
        else:
            scene.server.faults.fails("GET", path, status=403)
    found = await check(profile)
    assert words in found["commands"]
    assert words in found["servers"]
    assert "invitation" in found


async def test_a_check_without_a_network(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", scene.server.token)
    with pointed_at("http://127.0.0.1:1"):
        found = await check(profile)
    assert found["discord"].startswith("failure: cannot be reached")


async def test_a_check_tells_of_missing_intents(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_discord(portal=Portal(message_content=False)) as server:
        monkeypatch.setenv("DISCORD_TOKEN", server.token)
        assert "mention the bot" in (await check(profile))["intents"]


async def test_a_check_with_a_wrong_token(
    scene: Scene, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "wrong.token")
    found = await check(profile)
    assert found["token"].startswith("failure: Discord does not know this token")
    assert "wrong.token" not in str(found)


def test_a_check_tells_that_the_queue_is_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = build(tmp_path)
    queue = '[queue]\nkind = "redis"\nurl = "redis://127.0.0.1:1"\n'
    profile.write_text(f"{profile.read_text('utf-8')}{queue}", "utf-8")
    assert main(["bot", "discord", "--check", "--profile", str(profile)]) == 1
    out = capsys.readouterr().out
    assert "ok    persona      owl, parrot" in out
    assert "FAIL  queue" in out
