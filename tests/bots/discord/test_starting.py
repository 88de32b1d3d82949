"""Starting the bot: its command, its settings, its token, and `--check`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bots.discord.conftest import Scene
from tests.bots.discord.world import build

from madang.cli import main
from madang.errors import MadangError
from madang.setup import prepare
from madang.testing.discord import Portal, open_discord
from madang_discord.bot import DiscordBot
from madang_discord.options import DiscordOptions, options_of, token_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MADANG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    yield


async def check(profile: Path) -> dict[str, str]:
    """Return what `--check` finds of Discord, by what it looks at."""
    found = [each async for each in DiscordBot().check(prepare(profile, {}))]
    return {each.what: f"{each.state}: {each.found} {each.hint}" for each in found}


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
    found = await check(profile)
    assert found["token"].startswith("ok: valid: 마당이")
    assert f"client_id={scene.server.bot.id}" in found["invitation"]
    assert found["intents"].startswith("ok")


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
