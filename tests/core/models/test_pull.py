"""Fetching from a hub: what arrives, what is refused, and what a broken download leaves."""

import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.core.models.checkpoint import HUB_FILES
from tests.standins.checkpoints import safetensors
from tests.standins.hub import Hub, Repository

from madang.cli import main
from madang.contract import Model
from madang.errors import MissingPackage, ModelNotLoaded
from madang.inference.source import folder
from madang.models import cache
from madang.models.cache import repository_dir
from madang.models.part import Part, parts_of
from madang.models.presence import find
from madang.models.pull import Pulled, pull
from madang.models.refusals import refusing

SMALL = Model(source="kim/small")
BIG = {"config.json": b"{}", "model.safetensors": safetensors({"x": (6_000, 1_000)})}  # 12 MB
Profile = Callable[..., Path]


def fetch(model: Model = SMALL, *, offline: bool = False) -> list[Pulled]:
    return list(pull("small", model, offline=offline, tell=lambda part, count, total: None))


def refusal(model: Model = SMALL, *, offline: bool = False) -> str:
    with pytest.raises(ModelNotLoaded) as caught:
        fetch(model, offline=offline)
    assert caught.value.hint
    return str(caught.value)


def part_of(model: Model) -> Part:
    return parts_of("small", model)[0]


def left_overs(source: str) -> list[Path]:
    return list(repository_dir(source).rglob("*.incomplete"))


def test_weights_tokenizer_and_adapters_arrive_and_nothing_else(hub: Hub) -> None:
    told: list[tuple[str, int, int]] = []
    model = Model(source="kim/small", tokenizer="kim/small", adapters={"poet": "kim/poet"})
    done = list(
        pull("small", model, offline=False, tell=lambda *it: told.append((it[0].role, *it[1:])))
    )
    assert [each.part.role for each in done] == ["weights", "tokenizer", "adapter poet"]
    assert sorted(file.name for file in done[0].folder.rglob("*")) == [
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
    ]
    wanted = sum(len(HUB_FILES[file.name]) for file in done[0].folder.iterdir())
    assert done[0].bytes == wanted
    assert max(count for role, count, _ in told if role == "weights") == wanted
    assert done[0].folder.name == hub.repositories["kim/small"].commit


def test_a_tokenizer_of_another_repository_comes_without_its_weights(hub: Hub) -> None:
    model = Model(source="kim/poet", tokenizer="kim/small")
    fetch(model)
    assert fetch(model, offline=True)[1].part.role == "tokenizer"
    assert not list(repository_dir("kim/small").rglob("*.safetensors"))
    assert list(repository_dir("kim/small").rglob("tokenizer.json"))


def test_a_second_time_fetches_no_file_and_offline_asks_nothing(hub: Hub) -> None:
    fetch()
    hub.requests.clear()
    assert fetch()[0].bytes == 0
    assert not any("GET" in each and "resolve" in each for each in hub.requests)
    hub.requests.clear()
    assert fetch(offline=True)[0].bytes == 0
    assert hub.requests == []


@pytest.mark.parametrize("revision", ["main", "v2", ""])
def test_a_revision_is_fetched_by_its_name(hub: Hub, revision: str) -> None:
    hub.repositories["kim/small"].branches = ("main", "v2")
    model = Model(source="kim/small", revision=revision)
    fetch(model)
    assert find(part_of(model)).commit == hub.repositories["kim/small"].commit


def test_a_commit_is_fetched_by_its_name(hub: Hub) -> None:
    model = Model(source="kim/small", revision=hub.repositories["kim/small"].commit)
    fetch(model)
    assert find(part_of(model)).state == "present"


def test_an_adapter_has_a_revision_of_its_own(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    # The client reads it when it is imported.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache.cache_dir()))
    hub.repositories["kim/poet"].branches = ("v0.2",)
    commit = hub.repositories["kim/poet"].commit
    for revision in ("v0.2", commit):
        model = Model(source="kim/small", adapters={"poet": f"kim/poet@{revision}"})
        assert fetch(model)[1].folder.name == commit
    # A commit that is here needs no network.
    assert folder(f"kim/poet@{commit}") == fetch(model)[1].folder
    assert "kim/poet' (adapter poet of model 'small') has no revision 'v9'" in refusal(
        Model(source="kim/small", adapters={"poet": "kim/poet@v9"})
    )


def test_without_the_client_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingPackage, match="huggingface_hub"):
        fetch()


def test_the_token_of_the_environment_or_the_file_opens_a_gated_model(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub.repositories["kim/small"].gated = True
    said = refusal()
    assert "asks for its licence to be accepted" in said
    assert f"{hub.url}/kim/small" in said
    assert "HF_TOKEN" in said
    monkeypatch.setenv("HF_TOKEN", hub.token)
    assert "asks for its licence to be accepted" in refusal()
    hub.repositories["kim/small"].gated = False
    fetch()
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text("hf_wrong", "utf-8")
    assert "does not accept the token" in refusal()


def test_a_wrong_token_is_named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    said = refusal()
    assert "does not accept the token" in said
    assert "hf_wrong" not in said


def test_a_gone_revision_and_a_gone_repository_are_named(hub: Hub) -> None:
    assert "has no revision 'v9'" in refusal(Model(source="kim/small", revision="v9"))
    assert "no hub repository 'kim/gone'" in refusal(Model(source="kim/gone"))


@pytest.mark.parametrize(
    ("status", "said"),
    [(503, "answered with status 503"), (429, "status 429"), (403, "the token may not read")],
)
def test_other_answers_of_the_hub_are_named(hub: Hub, status: int, said: str) -> None:
    hub.status = status
    assert said in refusal()


def test_a_cache_that_cannot_be_written_is_named(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "file" / "cache"))
    assert "could not be stored" in refusal()


def test_left_overs_of_a_killed_download_are_swept_once_they_are_old(hub: Hub) -> None:
    blobs = repository_dir("kim/small") / "blobs"
    blobs.mkdir(parents=True)
    old, new = blobs / "a.1.incomplete", blobs / "b.2.incomplete"
    old.write_bytes(b"cut")
    new.write_bytes(b"cut")
    os.utime(old, (time.time() - 2 * cache.ABANDONED,) * 2)
    fetch()
    assert left_overs("kim/small") == [new]


def test_a_mistake_of_ours_is_not_worded_as_one_of_the_hub() -> None:
    part = part_of(SMALL)
    with pytest.raises(KeyError), refusing(part):
        raise KeyError("ours")
    with pytest.raises(ModelNotLoaded, match="cannot be written"), refusing(part):
        raise PermissionError(errno.EACCES, "Permission denied", "/cache")


def test_no_network_is_told_and_what_is_here_stays_usable(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        assert "cannot be reached" in refusal()
    assert fetch(offline=True)[0].bytes == 0


def test_offline_names_what_is_not_here(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the network is switched off" in refusal(offline=True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "the network is switched off" in refusal()
    assert hub.requests == []


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(hub: Hub) -> None:
    hub.repositories["kim/small"].pretended = {"model-00001-of-00002.safetensors": 1 << 60}
    said = refusal()
    assert "needs 1073741824.0 GiB" in said
    assert "are free at" in said
    assert not any("GET" in each and "resolve" in each for each in hub.requests)


def test_pickled_weights_are_refused_unless_allowed(hub: Hub) -> None:
    hub.repositories["kim/old"] = Repository({"config.json": b"{}", "pytorch_model.bin": b"old"})
    assert "holds only pickled weights: pytorch_model.bin" in refusal(Model(source="kim/old"))
    assert not repository_dir("kim/old").is_dir() or not list(
        repository_dir("kim/old").rglob("*.bin")
    )
    fetch(Model(source="kim/old", allow_pickle=True))
    assert list(repository_dir("kim/old").rglob("pytorch_model.bin"))


def test_code_comes_only_where_it_is_trusted(hub: Hub) -> None:
    files = hub.repositories["kim/small"].files
    hub.repositories["kim/small"].files = {**files, "modeling.py": b"raise SystemExit"}
    assert not list(fetch()[0].folder.glob("*.py"))
    trusted = Model(source="kim/small", trust_remote_code=True)
    assert list(fetch(trusted)[0].folder.glob("*.py"))
    assert fetch(trusted, offline=True)


def test_a_cut_connection_goes_on_where_it_broke(hub: Hub) -> None:
    hub.repositories["kim/big"] = Repository(BIG)
    hub.cuts["model.safetensors"] = [11_000_000]
    fetch(Model(source="kim/big"))
    # The client of the hub writes pieces of 10 MiB.
    assert hub.ranges == [f"model.safetensors bytes={10 << 20}-"]
    assert find(part_of(Model(source="kim/big"))).state == "present"


def test_a_connection_that_stays_broken_leaves_nothing_half_written(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    hub.repositories["kim/big"] = Repository(BIG)
    hub.cuts["model.safetensors"] = [1000] * 9
    said = refusal(Model(source="kim/big"))
    assert "the connection broke" in said
    assert "Run the same command again" in said
    assert left_overs("kim/big") == []
    found = find(part_of(Model(source="kim/big")))
    assert (found.state, found.missing) == ("partial", ("model.safetensors",))
    assert "not wholly on this machine" in refusal(Model(source="kim/big"), offline=True)
    hub.cuts.clear()
    fetch(Model(source="kim/big"))
    assert find(part_of(Model(source="kim/big"))).state == "present"


def test_a_file_that_was_cut_on_the_hub_is_not_taken_for_whole(hub: Hub) -> None:
    half = {**BIG, "model.safetensors": BIG["model.safetensors"][:5000]}
    hub.repositories["kim/half"] = Repository(half)
    assert "cannot be read: it has 5,000 bytes" in refusal(Model(source="kim/half"))


def test_a_local_folder_is_only_looked_at(tmp_path: Path) -> None:
    assert "there is nothing at" in refusal(Model(source=str(tmp_path / "gone")))
    (tmp_path / "here").mkdir()
    assert "holds no weights" in refusal(Model(source=str(tmp_path / "here")))
    (tmp_path / "here" / "model.safetensors").write_bytes(BIG["model.safetensors"])
    assert fetch(Model(source=str(tmp_path / "here")))[0].folder == tmp_path / "here"


def command(profile: Path, hub: Hub, **limits: int) -> "subprocess.Popen[str]":
    """Run `madang models pull` as a process of its own."""

    def limit() -> None:
        if "file_size" in limits:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_size"],) * 2)

    return subprocess.Popen(
        [
            *(sys.executable, "-W", "error", "-m", "madang.cli"),
            *("models", "pull", "--profile", str(profile)),
        ],
        env={**os.environ, "HF_ENDPOINT": hub.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


BIG_PROFILE = "[models.big]\nsource = 'kim/big'\n"


def test_a_full_disk_is_told_and_leaves_nothing_half_written(hub: Hub, profile: Profile) -> None:
    hub.repositories["kim/big"] = Repository(BIG)
    with command(profile(BIG_PROFILE), hub, file_size=1 << 20) as run:
        _, said = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "there was no room on the disk left" in said
    assert os.strerror(errno.EFBIG) in said
    assert left_overs("kim/big") == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_download_goes_on_with_the_next_command(
    hub: Hub, profile: Profile, how: signal.Signals
) -> None:
    hub.repositories["kim/big"] = Repository(BIG)
    hub.delay = 0.005
    with command(profile(BIG_PROFILE), hub) as run:
        wait_for(lambda: any(each.startswith("GET /stored/") for each in hub.requests))
        run.send_signal(how)
        _, said = run.communicate(timeout=60)
    whole = find(part_of(Model(source="kim/big")))
    assert whole.missing[-1:] == ("model.safetensors",)
    if how is signal.SIGINT:
        assert run.returncode == 130
        assert "the cut one starts anew" in said
        assert "Traceback" not in said
        assert left_overs("kim/big") == []
    hub.delay = 0.0
    assert main(["models", "pull", "--profile", str(profile(BIG_PROFILE))]) == 0
    assert find(part_of(Model(source="kim/big"))).state == "present"


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_cache_is_found_where_the_client_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from huggingface_hub import constants; print(constants.HF_HUB_CACHE)"
    environ = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    asked = [{}, {"HF_HOME": "/a"}, {"HF_HUB_CACHE": "/b", "HF_HOME": "/a"}]
    for more in [*asked, {"XDG_CACHE_HOME": "/c"}]:
        said = subprocess.run(
            [sys.executable, "-c", code], env={**environ, **more}, capture_output=True, text=True
        )
        assert Path(said.stdout.strip()) == cache.cache_dir({**environ, **more})
