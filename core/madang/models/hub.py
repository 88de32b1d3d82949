"""The hub, through its own client: what a repository holds, fetching it, and deleting it here."""

import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madang.contract import Model
from madang.errors import ModelNotLoaded
from madang.inference.source import (
    CODE,
    FILES,
    OTHERS,
    PICKLES,
    TOKENIZER_FILES,
    missing_package,
)
from madang.models.cache import bytes_on_disk, cache_dir, commit_of, endpoint, repository_dir
from madang.models.part import Part
from madang.models.presence import is_pickle
from madang.models.progress import Meter, Report
from madang.models.refusals import refusing

TRUE = {"1", "true", "yes", "on"}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Say what fetching a part comes to: file names, and the bytes not yet on this machine."""

    part: Part
    files: tuple[str, ...]
    bytes: int


def is_offline() -> bool:
    """Say whether the environment switches the network off."""
    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return any(os.environ.get(name, "").lower() in TRUE for name in names)


def survey(part: Part, model: Model) -> Wanted:
    """Ask the hub what a part consists of; refuses pickled weights unless they are allowed."""
    with _client(part) as hub:
        # Asked first: it alone tells a wrong token, a gone repository and no network apart.
        hub.HfApi(endpoint=endpoint()).repo_info(part.source, revision=part.revision or None)
        found = hub.snapshot_download(
            part.source,
            **_place(part),
            allow_patterns=[*_patterns(part, model), *PICKLES],
            ignore_patterns=OTHERS,
            dry_run=True,
            tqdm_class=Meter(_nothing).bar,
        )
    chosen = set(_chosen(part, [each.filename for each in found], model))
    missing = [each for each in found if each.filename in chosen and each.will_download]
    size = sum(each.file_size or 0 for each in missing)
    return Wanted(part=part, files=tuple(sorted(chosen)), bytes=size)


def fetch(wanted: Wanted, report: Report) -> Path:
    """Fetch the files of a part that are missing; a second thread lets Ctrl-C stop it at once."""
    meter = Meter(report)
    with _client(wanted.part) as hub, ThreadPoolExecutor(1) as thread:
        job = thread.submit(
            hub.snapshot_download,
            wanted.part.source,
            **_place(wanted.part),
            allow_patterns=list(wanted.files),
            tqdm_class=meter.bar,
        )
        try:
            return Path(job.result())
        except KeyboardInterrupt:
            meter.stop()
            raise


def fetched(part: Part, model: Model) -> Path:
    """Return the folder of a part without asking the hub; raises when files are missing."""
    with _client(part) as hub:
        found = hub.snapshot_download(
            part.source,
            **_place(part),
            allow_patterns=_patterns(part, model),
            ignore_patterns=OTHERS,
            local_files_only=True,
        )
    return Path(found)


def delete(part: Part) -> int:
    """Delete a part's revision from the cache and return the bytes that this freed."""
    before = bytes_on_disk(part.source)
    commit = commit_of(part.source, part.revision)
    with _client(part) as hub:
        cached = hub.scan_cache_dir(cache_dir())
        known = {each.commit_hash for repo in cached.repos for each in repo.revisions}
        if commit in known:
            cached.delete_revisions(commit).execute()
        else:
            # Nothing of it was ever whole: there are only left-overs of a broken download.
            shutil.rmtree(repository_dir(part.source), ignore_errors=True)
    return before - bytes_on_disk(part.source)


@contextmanager
def _client(part: Part) -> Iterator[Any]:
    try:
        import huggingface_hub
    except ImportError as error:
        raise missing_package(error) from error
    with refusing(part):
        yield huggingface_hub


def _place(part: Part) -> dict[str, Any]:
    return {
        "revision": part.revision or None,
        "cache_dir": cache_dir(),
        "endpoint": endpoint(),
    }


def _patterns(part: Part, model: Model) -> list[str]:
    """Name what a worker will look for; code only where the operator trusts it."""
    if part.role == "tokenizer":
        return TOKENIZER_FILES
    return [*FILES, *CODE] if model.trust_remote_code else FILES


def _chosen(part: Part, names: Sequence[str], model: Model) -> list[str]:
    """Leave pickled weights out, unless there are no others and the operator allows them."""
    pickled = [name for name in names if is_pickle(name)]
    safe = [name for name in names if not name.endswith(".bin")]
    if not pickled or part.role == "tokenizer" or any(n.endswith(".safetensors") for n in safe):
        return safe
    if model.allow_pickle:
        return list(names)
    raise ModelNotLoaded(
        f"the hub repository '{part.source}' ({part}) holds only pickled weights: "
        f"{', '.join(pickled)}",
        "Pickled weights can run code. Choose a source with safetensors, or set "
        f"`allow_pickle = true` in [models.{part.model}] if you trust it.",
    )


def _nothing(count: int) -> None:
    """Count nothing."""
