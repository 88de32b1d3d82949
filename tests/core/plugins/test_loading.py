"""Plugins come in one by one: a bad one is reported and hurts nobody."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from madang.errors import (
    AlreadyRegistered,
    BadHook,
    MadangError,
    PersonaError,
    PluginFailed,
    PluginNotFound,
    UnknownPersona,
)
from madang.plugins import Plugins, PluginStatus, load_plugins

BAD = Path(__file__).parent / "bad_plugins"
GOOD = Path(__file__).parent / "good_plugins"


def load_folder(folder: Path, *, strict: bool = False, without: tuple[str, ...] = ()) -> Plugins:
    return load_plugins(dirs=[folder], entry_points=[], strict=strict, without=without)


def by_name(plugins: Plugins) -> dict[str, PluginStatus]:
    return {status.name: status for status in plugins.statuses}


@pytest.fixture(scope="module")
def bad() -> dict[str, PluginStatus]:
    plugins = load_folder(BAD)
    assert list(plugins.filters) == ["wordlist"], "nothing is half registered"
    assert not plugins.personas
    return by_name(plugins)


REASONS = {
    "raises_on_import": "ValueError: the moon is in the wrong phase",
    "exits_on_import": "exited with 3",
    "missing_package": "Install the package that has 'no_such_package'",
    "raises_in_hook": "RuntimeError: halfway",
    "exits_in_hook": "exited with 'no licence'",
    "misspelt_hook": "no hook 'register_persona'. Did you mean 'register_personas'?",
    "wrong_signature": "{'registry'}",
    "no_argument": "register_personas does not take `register`",
    "async_hook": "must not be async or yield",
    "yielding_hook": "must not be async or yield",
    "unmarked_hook": "Mark register_personas with @madang.hookimpl",
    "no_hooks": "has no hooks",
    "taken_name": "builtin has it, and taken_name brings another",
    "twice": "registers two filters 'two'",
    "bad_name": "a filter called 'a/b:c'",
    "no_persona": "'slang_friend' as a persona",
    "broken_persona": "persona.toml",
    "no_plugin": "has no __init__.py and is no persona of data only",
    "python_beside_data": "has no __init__.py and is no persona of data only",
}


@pytest.mark.parametrize("name", REASONS)
def test_a_bad_plugin_fails_alone_and_says_why(bad: dict[str, PluginStatus], name: str) -> None:
    assert bad[name].state == "failed"
    assert REASONS[name] in bad[name].reason
    assert bad[name].provides == ()
    assert str(BAD / name) in bad[name].origin


def test_every_bad_plugin_is_listed(bad: dict[str, PluginStatus]) -> None:
    assert bad.keys() == {"builtin", *REASONS}
    assert bad["builtin"].state == "loaded"


def test_what_failed_to_import_leaves_no_module(bad: dict[str, PluginStatus]) -> None:
    assert not [name for name in sys.modules if name.endswith("_raises_on_import")]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("raises_on_import.py", PluginFailed),
        ("exits_in_hook.py", PluginFailed),
        ("misspelt_hook.py", BadHook),
        ("wrong_signature.py", BadHook),
        ("taken_name.py", AlreadyRegistered),
        ("broken_persona", PersonaError),
        ("no_plugin", PluginNotFound),
    ],
)
def test_strict_makes_a_failure_fatal(tmp_path: Path, name: str, error: type[MadangError]) -> None:
    (tmp_path / name).symlink_to(BAD / name)
    with pytest.raises(error):
        load_folder(tmp_path, strict=True)


def test_a_folder_holds_data_packages_and_files() -> None:
    plugins = load_folder(GOOD, strict=True)
    provided = {status.name: status.provides for status in plugins.statuses}
    assert provided["gardener"] == ("persona gardener",)
    assert provided["parrot"] == ("filter parrot",)
    assert provided["single"] == ("filter single",)
    assert plugins.persona("gardener").current().text("ko").title == "정원사"


def test_a_folder_may_be_the_plugin_itself() -> None:
    assert "gardener" in load_folder(GOOD / "gardener").personas
    assert "parrot" in load_folder(GOOD / "parrot").filters


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    status = by_name(load_folder(tmp_path / "none"))["none"]
    assert status.state == "failed"
    assert "There is no plugin folder" in status.reason


def test_what_starts_with_a_dot_or_underscore_is_no_plugin(tmp_path: Path) -> None:
    for name in (".hidden", "_private", "__pycache__"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.md").write_text("not Python", encoding="utf-8")
    assert by_name(load_folder(tmp_path)).keys() == {"builtin"}


def test_source_that_is_no_python_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def (", encoding="utf-8")
    (tmp_path / "binary.py").write_bytes(b"\x00\xff")
    statuses = by_name(load_folder(tmp_path))
    assert "SyntaxError" in statuses["broken"].reason
    assert statuses["binary"].state == "failed"


def test_a_plugin_can_be_left_out() -> None:
    plugins = load_folder(GOOD, without=("parrot",))
    status = by_name(plugins)["parrot"]
    assert (status.state, status.provides) == ("disabled", ())
    assert "parrot" not in plugins.filters


def test_leaving_out_what_is_not_there_names_the_nearest() -> None:
    with pytest.raises(PluginNotFound, match="Did you mean 'parrot'"):
        load_folder(GOOD, without=("parot",))


def test_the_first_of_two_plugins_of_one_name_stays(tmp_path: Path) -> None:
    (tmp_path / "single.py").write_text("raise ValueError", encoding="utf-8")
    plugins = load_plugins(dirs=[GOOD, tmp_path], entry_points=[])
    first, second = (status for status in plugins.statuses if status.name == "single")
    assert first.state == "loaded"
    assert second.state == "failed"
    assert str(GOOD / "single.py") in second.reason
    assert str(tmp_path / "single.py") in second.reason


def test_an_entry_point_may_lead_nowhere() -> None:
    points = [
        EntryPoint("ghost", "no_such_module", "madang"),
        EntryPoint("hollow", "madang.errors:nothing", "madang"),
    ]
    statuses = by_name(load_plugins(entry_points=points))
    assert "No module named 'no_such_module'" in statuses["ghost"].reason
    assert "AttributeError" in statuses["hollow"].reason


def test_an_interrupt_is_not_swallowed(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        load_folder(tmp_path)


def test_the_personas_of_madang_come_in_by_the_same_door() -> None:
    names = ("assistant", "culture_qa", "finance_advisor", "qa_generator", "slang_friend")
    points = [EntryPoint(name, f"madang_{name}", "madang") for name in names]
    plugins = load_plugins(entry_points=points, strict=True)
    assert tuple(plugins.personas) == names


def test_what_is_missing_names_what_is_near_or_what_failed() -> None:
    plugins = load_folder(BAD)
    with pytest.raises(PluginNotFound, match="Did you mean 'echo'"):
        plugins.backend("ecko")
    with pytest.raises(PluginNotFound, match="Did you mean 'wordlist'"):
        plugins.filter("wordlst")
    with pytest.raises(PluginNotFound, match="There are none yet"):
        plugins.bot("tty")
    with pytest.raises(UnknownPersona, match=r"Its plugin is failed: .*persona.toml"):
        plugins.persona("broken_persona")
