"""What the hub or the disk refuses, worded with the next step."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from madang.errors import MadangError, ModelNotLoaded
from madang.models.cache import cache_dir, endpoint
from madang.models.part import Part

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
AGAIN = "Run the same command again: files that are whole are kept, a cut one starts anew."


@contextmanager
def refusing(part: Part) -> Iterator[None]:
    """Turn what the client of the hub raises for `part` into `ModelNotLoaded`."""
    try:
        yield
    except MadangError:
        raise
    except Exception as error:
        worded = _worded(part, _root(error))
        if worded is None:
            raise
        raise ModelNotLoaded(*worded) from error


def _root(error: BaseException) -> BaseException:
    """Return what the client wrapped: a look-up that falls back to the cache hides the cause."""
    while isinstance(error.__cause__, Exception) and type(error).__name__ in (
        "DryRunError",
        "LocalEntryNotFoundError",
        "IncompleteSnapshotError",
    ):
        error = error.__cause__
    return error


def _worded(part: Part, error: BaseException) -> tuple[str, str] | None:
    import huggingface_hub.errors

    errors: Any = huggingface_hub.errors  # its types do not know `HTTPError`
    repository = f"the hub repository '{part.source}' ({part})"
    if isinstance(error, errors.GatedRepoError):
        return (
            f"{repository} asks for its licence to be accepted",
            f"Sign in at {_page(part)}, accept it there, and set HF_TOKEN to a token of that "
            "account.",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return (
            f"{repository} has no revision '{part.revision}'",
            f"It was renamed or deleted: correct `revision` of [models.{part.model}].",
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"there is no hub repository '{part.source}' ({part}), or it is private",
            f"Correct [models.{part.model}]; for a private one set HF_TOKEN.",
        )
    if isinstance(error, errors.HfHubHTTPError):
        return _status(repository, error.response.status_code)
    if isinstance(error, errors.OfflineModeIsEnabled | errors.LocalEntryNotFoundError):
        return (
            f"{repository} is not wholly on this machine, and the network is switched off",
            "Leave out --offline and unset HF_HUB_OFFLINE, or fetch it where there is a network.",
        )
    if isinstance(error, errors.HTTPError):
        return (
            f"the hub cannot be reached for {part}, or the connection broke: {_first(error)}",
            f"Check the network, a proxy (HTTPS_PROXY) and HF_ENDPOINT. {AGAIN}",
        )
    return _of_the_disk(part, error) if isinstance(error, OSError) else None


def _status(repository: str, status: int) -> tuple[str, str]:
    if status == 401:
        return (
            f"the hub does not accept the token that was sent for {repository}",
            "Set HF_TOKEN to a valid one, or unset it: public repositories need none.",
        )
    if status == 403:
        return (
            f"the token may not read {repository}",
            "Give the token the right to read it, or use one of an account that has it.",
        )
    return (f"the hub answered with status {status} for {repository}", f"Wait a while. {AGAIN}")


def _of_the_disk(part: Part, error: OSError) -> tuple[str, str]:
    if error.errno in NO_ROOM:
        return (
            f"there was no room on the disk left for {part}: {error.strerror}",
            f"Make room, or set HF_HOME to another disk (now {cache_dir()}). {AGAIN}",
        )
    if isinstance(error, PermissionError):
        return (
            f"{part} cannot be written: {error}",
            "Make the folder writable, or set HF_HOME to another one.",
        )
    return (f"{part} did not arrive whole, or could not be stored: {_first(error)}", AGAIN)


def _page(part: Part) -> str:
    from huggingface_hub import constants

    return f"{endpoint() or constants.ENDPOINT}/{part.source}"


def _first(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
