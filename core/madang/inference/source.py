"""Where weights come from: a folder, a Python package, or the Hugging Face hub."""

import importlib.resources
import re
from collections.abc import Sequence
from pathlib import Path

from madang.contract import Model
from madang.errors import MissingPackage, ModelNotLoaded

FILES = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt"]
TOKENIZER_FILES = [pattern for pattern in FILES if pattern != "*.safetensors"]
PICKLES = ["*.bin"]
CODE = ["*.py"]
OTHERS = ["*/*", "consolidated*"]  # other forms of the same weights
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


def checkpoint_folder(source: str, revision: str, model: Model) -> Path:
    """Return the folder of the weights of `model` or of one of its adapters.

    A checkpoint's code is fetched only where the table trusts it; so are pickled weights, and
    where there are no others.
    """
    code = CODE if model.trust_remote_code else []
    found = folder(source, revision, code)
    if model.allow_pickle and not any(found.glob("*.safetensors")):
        found = folder(source, revision, [*code, *PICKLES])
    return found


def folder(source: str, revision: str = "", also: Sequence[str] = ()) -> Path:
    """Return the folder that holds `source`, downloading it where it is a hub repository.

    A source is a path, `package:PACKAGE/PATH`, or the `OWNER/NAME` of a hub repository; with
    `@REVISION` behind it where it has one of its own. `also` are patterns of files that are
    fetched with the usual ones.
    """
    if source.startswith("package:"):
        return _in_package(source)
    path = Path(source).expanduser()
    if source and path.is_dir():
        return path
    name, revision = pinned(source, revision)
    if HUB_NAME.fullmatch(name):
        return _from_hub(name, revision, [*FILES, *also])
    raise ModelNotLoaded(
        f"no folder '{source}'",
        "A source is a folder, `package:PACKAGE/PATH`, or the OWNER/NAME of a hub repository.",
    )


def tokenizer_folder(source: str) -> Path:
    """Return the folder that holds a tokenizer; of a hub repository the weights stay there."""
    name, revision = pinned(source)
    if HUB_NAME.fullmatch(name) and not Path(source).is_dir():
        return _from_hub(name, revision, TOKENIZER_FILES)
    return folder(source)


def pinned(source: str, revision: str = "") -> tuple[str, str]:
    """Split the `OWNER/NAME@REVISION` of a hub repository; any other source stays as it is."""
    name, _, own = source.partition("@")
    return (name, own or revision) if HUB_NAME.fullmatch(name) else (source, revision)


def _in_package(source: str) -> Path:
    package, _, inner = source.removeprefix("package:").partition("/")
    try:
        found = importlib.resources.files(package).joinpath(inner)
    except ModuleNotFoundError as error:
        raise ModelNotLoaded(
            f"{source}: there is no Python package '{package}'", f"Install '{package}'."
        ) from error
    if isinstance(found, Path) and found.is_dir():
        return found
    raise ModelNotLoaded(
        f"{source}: the package '{package}' has no folder '{inner}'",
        "Install the package unzipped, or set `source` to a folder.",
    )


def _from_hub(name: str, revision: str, files: list[str]) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError
        from huggingface_hub.errors import RevisionNotFoundError as UnknownRevision
    except ImportError as error:
        raise missing_package(error) from error
    try:
        return Path(
            snapshot_download(
                name,
                revision=revision or None,
                allow_patterns=files,
                ignore_patterns=OTHERS,
            )
        )
    except GatedRepoError as error:
        raise ModelNotLoaded(
            f"the hub repository '{name}' asks for its licence to be accepted",
            f"Accept it at https://huggingface.co/{name}, then set HF_TOKEN.",
        ) from error
    except UnknownRevision as error:
        raise ModelNotLoaded(
            f"the hub repository '{name}' has no revision '{revision}'", "Correct `revision`."
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelNotLoaded(
            f"there is neither a folder nor a hub repository '{name}'",
            "Correct `source`; a private repository needs HF_TOKEN.",
        ) from error
    except (OSError, ValueError) as error:
        raise ModelNotLoaded(
            f"'{name}' is not on this machine and the hub did not give it: {_first_line(error)}",
            "Connect to the network for the first start, or set `source` to a folder.",
        ) from error


def missing_package(error: ImportError) -> MissingPackage:
    """Say how to install what a local model needs."""
    return MissingPackage(
        f"a local model needs the Python package '{error.name or error}'",
        "Install it with `pip install 'madang[inference]'`.",
    )


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0]
