"""`madang usage`, as somebody types it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from madang.cli import main
from madang.contract import Author, Place, Tally, Turn
from madang.contract.tally import day_of
from madang.store import SqliteStore

PROFILE = """\
[models.echo]
backend = "echo"
[defaults]
model = "echo"
[store]
path = "talk.db"
"""
LIMITS = """\
[limits]
daily_requests = 20
daily_tokens = 5000
[bots.discord]
daily_requests = 1000
[places."discord/1"]
daily_tokens = 70000
[places."discord/1/2"]
daily_tokens = 0
"""
NOW = 1_795_176_000.0
DAY_SECONDS = 86_400

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a data folder and a profile of its own, and return the profile."""
    profile = tmp_path / "my.toml"
    profile.write_text(PROFILE, "utf-8")
    monkeypatch.setenv("MADANG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MADANG_PROFILE", str(profile))
    monkeypatch.setattr("madang.cli.usage.time", SimpleNamespace(time=lambda: NOW))
    return profile


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a store in which two people asked, one of them a week ago too."""
    path = tmp_path / "home" / "talk.db"
    asyncio.run(fill(path))
    return path


async def fill(path: Path) -> None:
    store = await SqliteStore.open(path)
    minji, forgotten = Author("discord:1", "민지\x1b[31m"), Author("", "")
    for author, place, age in (
        (minji, "discord/1/2", 0),
        (minji, "terminal/main", 7),
        (forgotten, "discord/1/2", 6),
    ):
        conversation = await store.conversation(Place(place))
        turn = Turn(
            id=f"{place} {age}",
            parent=None,
            conversation=conversation.id,
            role="user",
            author=author,
            created=NOW,
        )
        await store.add(turn)
        tally = Tally(
            day=day_of(NOW - age * DAY_SECONDS),
            place=place,
            author=author,
            persona="assistant",
            model="echo",
            requests=1,
            prompt=1200,
            cached=200,
            output=30,
        )
        await store.update(turn.id, spent=tally)
    await store.close()


def said(capsys: Said, *arguments: str) -> list[list[str]]:
    """Run the command and return the words of its lines."""
    assert main(["usage", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [line.split() for line in lines if line.strip() and "─" not in line]


def test_a_week_by_day_with_the_sum_below(store: Path, capsys: Said) -> None:
    assert said(capsys) == [
        ["day", "requests", "prompt", "cached", "output"],
        [day_of(NOW - 6 * DAY_SECONDS), "1", "1,200", "200", "30"],
        [day_of(NOW), "1", "1,200", "200", "30"],
        ["all", "2", "2,400", "400", "60"],
    ]


def test_persons_have_their_last_name_and_cannot_steer_the_terminal(
    store: Path, capsys: Said
) -> None:
    assert said(capsys, "--by", "person", "--days", "8")[1:3] == [
        ["(forgotten)", "1", "1,200", "200", "30"],
        ["discord:1", "민지�[31m", "2", "2,400", "400", "60"],
    ]


@pytest.mark.parametrize(
    ("key", "value"), [("place", "discord/1/2"), ("persona", "assistant"), ("model", "echo")]
)
def test_one_row_needs_no_sum(store: Path, capsys: Said, key: str, value: str) -> None:
    assert said(capsys, "--by", key, "--days", "1") == [
        [key, "requests", "prompt", "cached", "output"],
        [value, "1", "1,200", "200", "30"],
    ]


def test_json_has_rows_and_limits(store: Path, home: Path, capsys: Said) -> None:
    home.write_text(PROFILE + LIMITS, "utf-8")
    assert main(["usage", "--json", "--by", "person", "--days", "1"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "since": day_of(NOW),
        "by": "person",
        "rows": [
            {
                "person": "discord:1",
                "name": "민지\x1b[31m",
                "requests": 1,
                "prompt": 1200,
                "cached": 200,
                "output": 30,
            }
        ],
        "daily_limits": {
            "person": {"requests": 20, "tokens": 5000},
            "places": {"discord": {"requests": 1000}, "discord/1": {"tokens": 70000}},
        },
    }


def test_an_empty_store_says_so_and_which_limits_hold(
    home: Path, tmp_path: Path, capsys: Said
) -> None:
    home.write_text(PROFILE + LIMITS, "utf-8")
    assert main(["usage", "--days", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Nothing was asked since {day_of(NOW)}.",
        "limit of each person: 20 requests and 5,000 tokens a day",
        "limit of discord: 1,000 requests a day",
        "limit of discord/1: 70,000 tokens a day",
    ]
    assert not (tmp_path / "home" / "talk.db").exists()


@pytest.mark.parametrize("days", ["0", "-1", "x", "36501"])
def test_days_must_be_a_number(days: str, capsys: Said) -> None:
    with pytest.raises(SystemExit):
        main(["usage", f"--days={days}"])
    assert "from 1 to 36,500" in capsys.readouterr().err


def test_it_loads_neither_models_nor_plugins(store: Path) -> None:
    check = (
        "import sys; from madang.cli import main; main(['usage', '--by', 'person']);"
        "heavy = {'torch', 'transformers', 'prompt_toolkit', 'madang_terminal'};"
        "sys.exit(str(heavy & set(sys.modules)) != 'set()')"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
