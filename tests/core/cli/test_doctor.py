"""What the doctor finds between bots and workers."""

import pytest
from tests.core.cli.conftest import Fleet

from madang.cli import main


def test_the_server_is_named_and_a_missing_worker_warned_of(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--profile", fleet.profile])
    shown = capsys.readouterr().out
    assert "at redis://127.0.0.1:" in shown
    assert "secret" not in shown
    assert "no worker takes requests" in shown


def test_a_server_that_is_away_is_a_failure(
    fleet: Fleet, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADANG__QUEUE__URL", "redis://127.0.0.1:1/0")
    assert main(["doctor", "--profile", fleet.profile]) == 1
    assert "cannot be reached" in capsys.readouterr().out
