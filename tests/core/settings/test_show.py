"""The settings as shown say where they come from and keep secrets."""

import tomllib
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from madang.settings import BotSettings, Loaded, Settings, as_toml, load


def shown(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return as_toml(load(path, environ or {}))


def test_every_value_says_where_it_comes_from(tmp_path: Path) -> None:
    text = shown(tmp_path, 'locale = "en"', {"MADANG__QUEUE__MAX_WAITING": "3"})
    assert text.startswith(f"# {tmp_path / 'my.toml'}\n")
    assert '\nlocale = "en"\n' in text
    assert "\nmax_waiting = 3  # environment variable MADANG__QUEUE__MAX_WAITING\n" in text
    assert '\nkind = "local"  # default\n' in text


def test_secrets_are_hidden(tmp_path: Path) -> None:
    text = shown(
        tmp_path,
        """
        [bots.tty.options]
        bot_token = "aaa-secret"
        nested = [{ Password = "bbb-secret" }]
        secrets = { one = "ccc-secret" }
        url = "redis://me:ddd-secret@host/0"
        plain = "seen"
        [models.demo]
        tokenizer = "owner/name"
        [defaults.sampling]
        max_new_tokens = 3
        [limits]
        daily_tokens = 5000
        """,
    )
    assert "-secret" not in text
    assert 'plain = "seen"' in text
    assert 'tokenizer = "owner/name"' in text
    assert "max_new_tokens = 3" in text
    assert "daily_tokens = 5000" in text


def test_the_demo_profile_reads_back(tmp_path: Path) -> None:
    first = load("demo", {})
    path = tmp_path / "again.toml"
    path.write_text(as_toml(first), encoding="utf-8")
    assert load(path, {}).settings == first.settings


text = st.text(st.characters(exclude_categories=["Cs"]))
keys = text.filter(lambda key: not any(word in key.lower() for word in ("token", "secret")))
values = st.recursive(
    st.booleans() | st.integers() | text | st.floats(allow_nan=False) | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(keys, values, max_size=4))
def test_whatever_is_shown_is_toml(options: dict[str, Any]) -> None:
    table = {"bots": {"tty": {"options": options}}}
    settings = load("demo", {}).settings
    loaded = Loaded(
        settings=Settings(bots={"tty": BotSettings(options=options)}, store=settings.store),
        path=Path("my.toml"),
        table=table,
        variables={},
    )
    read = tomllib.loads(as_toml(loaded))
    assert read["bots"]["tty"].get("options", {}) == options
