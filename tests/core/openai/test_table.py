"""A table that cannot be served is refused when the backend is made, naming the key."""

from pathlib import Path

import pytest
from msgspec import convert

from madang.contract import Model, Server, SpecialIds
from madang.errors import ModelError, SettingsError, UnsupportedParameter
from madang.openai import OpenAIBackend
from madang.openai.address import base_url
from madang.openai.connection import Connection
from madang.openai.key import read_key
from madang.settings import load
from madang.setup import prepare

HERE = "http://localhost:8000"


@pytest.mark.parametrize(
    ("url", "base"),
    [
        (HERE, f"{HERE}/v1"),
        (f"{HERE}/", f"{HERE}/v1"),
        (f"{HERE}/v1/", f"{HERE}/v1"),
        ("https://host/api/v2/openai/", "https://host/api/v2/openai"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_v1_is_added_to_a_bare_host(url: str, base: str) -> None:
    assert base_url("kim", url) == base


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000",
        "ftp://host",
        "http://",
        "http://[::1",
        "http://host:99999",
        "http://host:0",
        "http://kim:pass-word@host",
        "http://host/v1?key=pass-word",
        "http://host/v1#pass-word",
        "http://ho st",
    ],
)
def test_a_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ModelError, match=r"^\[models.kim.server\] url ") as caught:
        OpenAIBackend("kim", Model(server=Server(url=url)))
    assert caught.value.hint
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        {"api_key_env": "sk-abc-def"},
        {"api_key_env": "abcdef0123456789"},
        {"api_key_file": "sk-abc-def"},
        {"api_key_file": "abcdef0123456789"},
        {"api_key_env": "KEY", "api_key_file": "/abcdef"},
    ],
)
def test_a_key_in_the_profile_is_refused_and_not_repeated(said: dict[str, str]) -> None:
    with pytest.raises(ModelError, match=r"\[models.kim.server\].* api_key_") as caught:
        OpenAIBackend("kim", Model(server=convert({"url": HERE, **said}, Server)))
    assert "abc" not in str(caught.value)


def test_a_key_is_read_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIM_KEY", " abc\n")
    (tmp_path / "key").write_text("def\n", "utf-8")
    assert read_key("kim", Server(api_key_env="KIM_KEY")) == "abc"
    assert read_key("kim", Server(api_key_file=str(tmp_path / "key"))) == "def"
    assert read_key("kim", Server()) == ""


def test_a_key_that_is_not_there_is_told_by_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIM_KEY", raising=False)
    with pytest.raises(ModelError, match="environment variable KIM_KEY, which is not set"):
        Connection("kim", Server(url=HERE, api_key_env="KIM_KEY"))
    monkeypatch.setenv("KIM_KEY", "비밀")
    with pytest.raises(ModelError, match="characters that no key has") as caught:
        read_key("kim", Server(api_key_env="KIM_KEY"))
    assert "비밀" not in str(caught.value)
    with pytest.raises(ModelError, match=f"the file {tmp_path}, which cannot be read"):
        read_key("kim", Server(api_key_file=str(tmp_path)))
    (tmp_path / "key").write_bytes(b"\xff\xfesecret")
    with pytest.raises(ModelError, match="characters that no key has") as caught:
        read_key("kim", Server(api_key_file=str(tmp_path / "key")))
    assert "secret" not in repr(caught.value) + repr(caught.value.__context__)


@pytest.mark.parametrize(
    ("kind", "said", "words"),
    [
        ("vllm", {"dtype": "float16"}, "dtype"),
        ("vllm", {"quantisation": "nf4"}, "quantisation"),
        ("vllm", {"allow_pickle": True}, "allow_pickle"),
        ("vllm", {"slots": 4}, "slots"),
        ("openai", {"special_ids": SpecialIds(eos=(2,))}, "special_ids.eos"),
        ("llama.cpp", {"adapters": {"a": "b"}}, "adapters"),
    ],
)
def test_what_the_server_would_never_hear_of_is_refused(
    kind: str, said: dict[str, object], words: str
) -> None:
    server = Server(url=HERE, kind=kind, model="served")  # type: ignore[arg-type]
    with pytest.raises(UnsupportedParameter, match=rf"^\[models.kim\] {words}: "):
        OpenAIBackend("kim", Model(server=server, **said))  # type: ignore[arg-type]


def test_a_model_without_a_name_is_refused() -> None:
    with pytest.raises(ModelError, match=r"\[models.kim.server\] model is missing"):
        OpenAIBackend("kim", Model(server=Server(url=HERE)))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kinds = "vllm"', "Did you mean 'kind'?"),
        ('kind = "vlm"', "models.kim.server.kind"),
        ("slots = 0", "models.kim.server.slots"),
        ("retries = -1", "models.kim.server.retries"),
        ('api_key = "abc-def"', "models.kim.server.api_key"),
    ],
)
def test_a_profile_is_checked_when_it_is_read(tmp_path: Path, line: str, words: str) -> None:
    profile = tmp_path / "my.toml"
    profile.write_text(f'[models.kim.server]\nurl = "{HERE}"\n{line}\n', "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(profile, {})
    assert words in str(caught.value)
    assert "abc-def" not in str(caught.value)


def test_the_example_profile_can_be_served_as_it_is() -> None:
    setup = prepare("vllm", {}, strict=True)
    assert set(setup.backends()) == {"bllossom"}
    assert [info.problem for info in setup.personas()] == [None] * len(setup.personas())
