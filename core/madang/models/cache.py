"""The cache of the Hugging Face hub on this machine, read without its client.

The layout is the documented one: `models--OWNER--NAME/` with `refs/REVISION` naming a commit,
`snapshots/COMMIT/` linking to files, and `blobs/` holding them. Importing the client takes
longer than a listing should.
"""

import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

ABANDONED = 3600  # seconds without a byte after which a download counts as given up


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the cache's folder, found as huggingface_hub finds it."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if environ.get(variable):
            return _expanded(environ[variable])
    if environ.get("HF_HOME"):
        return _expanded(environ["HF_HOME"]) / "hub"
    home = environ.get("XDG_CACHE_HOME") or "~/.cache"
    return _expanded(home) / "huggingface" / "hub"


def endpoint(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the address of another hub than the client's own, None where none is set."""
    return environ.get("HF_ENDPOINT") or None


def repository_dir(source: str) -> Path:
    """Return the folder of a repository, whether or not it is there."""
    return cache_dir() / f"models--{source.replace('/', '--')}"


def commit_of(source: str, revision: str) -> str:
    """Return the commit that a revision meant when it was last fetched; empty when never."""
    repository = repository_dir(source)
    if revision and (repository / "snapshots" / revision).is_dir():
        return revision
    try:
        return (repository / "refs" / (revision or "main")).read_text("utf-8").strip()
    except OSError:
        return ""


def snapshot(source: str, revision: str) -> Path | None:
    """Return the folder of a revision's files, None when nothing of it is here."""
    commit = commit_of(source, revision)
    folder = repository_dir(source) / "snapshots" / commit
    return folder if commit and folder.is_dir() else None


def bytes_on_disk(source: str) -> int:
    """Return what a repository takes, all its revisions and left-overs together."""
    return sum(
        file.stat().st_size
        for file in repository_dir(source).rglob("*")
        if file.is_file() and not file.is_symlink()
    )


def sweep(source: str) -> None:
    """Delete what a download that was killed left behind; nobody goes on with it.

    A file that was written to within the last hour may belong to another process.
    """
    for file in (repository_dir(source) / "blobs").glob("*.incomplete"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > ABANDONED:
                file.unlink()


def _expanded(text: str) -> Path:
    return Path(os.path.expandvars(text)).expanduser()
