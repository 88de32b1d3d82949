"""Settings follow their file; a wrong version changes nothing."""

import logging
import os
from pathlib import Path

import pytest

from madang.errors import SettingsError
from madang.settings import LiveSettings

GOOD = '[models.demo]\nsource = "x"\n[personas.pal]\nmodel = "demo"\n'


class Profile:
    """Write versions of one file, each with a later time than the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.version = 0

    def write(self, text: str) -> None:
        self.version += 1
        self.path.write_text(text, encoding="utf-8")
        os.utime(self.path, (self.version, self.version))


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    profile = Profile(tmp_path / "my.toml")
    profile.write(GOOD)
    return profile


def test_an_unchanged_file_is_not_read_again(profile: Profile) -> None:
    live = LiveSettings(profile.path, {})
    assert live.current() is live.current()


def test_a_kill_switch_works_at_once(profile: Profile) -> None:
    live = LiveSettings(profile.path, {})
    assert live.current().binding("pal").enabled
    profile.write(GOOD + "enabled = false\n")
    assert not live.current().binding("pal").enabled
    assert live.problem is None


def test_the_environment_still_holds(profile: Profile) -> None:
    live = LiveSettings(profile.path, {"MADANG__LOCALE": "en"})
    profile.write(GOOD + "enabled = false\n")
    assert live.current().locale == "en"


@pytest.mark.parametrize("bad", ["[", "nonsense = 1", "[personas.pal]\nmodel = 'gone'"])
def test_a_bad_version_is_reported_once_and_not_used(
    profile: Profile, bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveSettings(profile.path, {})
    good = live.current()
    profile.write(bad)
    assert live.current() is good
    assert live.current() is good
    assert isinstance(live.problem, SettingsError)
    assert len(caplog.records) == 1
    assert "left as it was" in caplog.text
    profile.write(GOOD)
    assert live.current() == good
    assert live.problem is None


def test_a_file_that_goes_away_leaves_the_last_good_version(
    profile: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveSettings(profile.path, {})
    good = live.current()
    profile.path.unlink()
    assert live.current() is good
    assert "there is no such file" in caplog.text
    profile.write(GOOD + "enabled = false\n")
    assert live.current() != good


def test_what_cannot_change_live_asks_for_a_restart(
    profile: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveSettings(profile.path, {})
    first = live.current()
    profile.write(GOOD + "enabled = false\n[queue]\nmax_waiting = 3\n")
    with caplog.at_level(logging.WARNING, "madang.settings"):
        settings = live.current()
    assert settings.queue == first.queue
    assert not settings.binding("pal").enabled
    assert "queue changed; restart to apply" in caplog.text


def test_a_binding_to_a_new_model_waits_for_the_restart(profile: Profile) -> None:
    live = LiveSettings(profile.path, {})
    profile.write('[models.new]\nsource = "y"\n[personas.pal]\nmodel = "new"\n')
    assert live.current().binding("pal").model == "demo"
    assert live.problem is not None
    assert "restart to apply" in live.problem.message


def test_there_must_be_a_good_version_to_begin_with(profile: Profile) -> None:
    profile.write("[")
    with pytest.raises(SettingsError):
        LiveSettings(profile.path, {})
