"""What stands under deploy/: commands and settings that there are."""

import re
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from madang.cli import COMMANDS
from madang.settings import load

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.fixture
def services() -> dict[str, Any]:
    """Return the services of the compose file, what they share put in."""
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return dict(found["services"])


def test_every_service_runs_a_command_that_there_is(services: dict[str, Any]) -> None:
    ours = {name: each for name, each in services.items() if each["image"] == "madang"}
    assert set(ours) == {"worker", "discord", "telegram", "chat"}
    assert all(each["command"][0] in COMMANDS for each in ours.values())


@pytest.mark.parametrize("service", ["worker", "discord", "telegram", "chat"])
def test_the_environment_of_a_service_sets_what_there_is(
    services: dict[str, Any], service: str
) -> None:
    environment = dict(services[service]["environment"])
    profile = re.fullmatch(r"\$\{PROFILE:-(\w+)\}", environment["MADANG_PROFILE"])
    assert profile
    loaded = load(profile[1], environment)
    assert loaded.settings.queue.kind == "redis"
    assert loaded.settings.queue.url_env in environment


def test_the_queue_keeps_what_it_has(services: dict[str, Any]) -> None:
    command = services["queue"]["command"]
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_restarts_what_it_starts(unit: Path) -> None:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read_string(unit.read_text("utf-8").replace("\\\n", " "))
    service = parser["Service"]
    assert service["Restart"] == "always"
    if "/madang " in service["ExecStart"]:
        assert service["ExecStart"].split()[1] in COMMANDS


def test_the_image_holds_what_the_compose_file_asks_for() -> None:
    extras = re.search(r"'\.\[([\w,]+)\]'", (DEPLOY / "Dockerfile").read_text("utf-8"))
    assert extras
    assert {"inference", "openai", "redis", "metrics", "discord", "telegram"} <= set(
        extras[1].split(",")
    )
