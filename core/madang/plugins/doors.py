"""The doors through which plugins come in: madang itself, entry points and folders."""

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from madang.errors import PluginNotFound
from madang.hookspecs import PROJECT, RegisterPersona, hookimpl

DATA_FILE = "persona.toml"


@dataclass(frozen=True)
class Candidate:
    """Name a plugin that has not been imported yet; `load` imports it."""

    name: str
    origin: str
    load: Callable[[], object]


class DataPersona:
    """Be the plugin of a folder that holds a persona and no Python."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @hookimpl
    def register_personas(self, register: RegisterPersona) -> None:
        """Register the folder's persona."""
        from madang.persona import PersonaFolder

        register(PersonaFolder(self._folder))


def from_madang() -> Candidate:
    """Return the plugin with the backends and filters that come with madang."""

    def load() -> ModuleType:
        return importlib.import_module("madang.plugins.builtin")

    return Candidate("builtin", "madang", load)


def from_entry_points(found: Iterable[EntryPoint] | None = None) -> Iterator[Candidate]:
    """Return the installed plugins, madang's own first, then by name."""
    points = entry_points(group=PROJECT) if found is None else found
    for point in sorted(points, key=lambda point: (_package(point) != PROJECT, point.name)):
        package = _package(point)
        origin = f"{point.value} ({package} {point.dist.version})" if point.dist else point.value
        yield Candidate(point.name, origin, point.load)


def from_folder(folder: Path) -> Iterator[Candidate]:
    """Return the plugins in a folder, or the one that it is, by name."""
    if _is_plugin(folder):
        yield _at(folder)
        return
    if not folder.is_dir():
        yield _nothing(folder, f"There is no plugin folder {folder}.")
        return
    for path in sorted(folder.iterdir()):
        if not path.name.startswith((".", "_")) and (path.is_dir() or path.suffix == ".py"):
            yield _at(path)


def _is_plugin(folder: Path) -> bool:
    return (folder / DATA_FILE).is_file() or (folder / "__init__.py").is_file()


def _at(path: Path) -> Candidate:
    if path.is_file():
        return Candidate(path.stem, str(path), lambda: _imported(path, path))
    start = path / "__init__.py"
    if start.is_file():
        return Candidate(path.name, str(path), lambda: _imported(path, start))
    if (path / DATA_FILE).is_file() and not any(path.glob("*.py")):
        return Candidate(path.name, str(path), lambda: DataPersona(path))
    return _nothing(path, f"{path} has no __init__.py and is no persona of data only.")


def _nothing(path: Path, message: str) -> Candidate:
    def load() -> object:
        hint = f"A folder plugin holds {DATA_FILE}, or Python with an __init__.py."
        raise PluginNotFound(message, hint)

    return Candidate(path.name, str(path), load)


def _imported(path: Path, file: Path) -> ModuleType:
    # The name must not meet an installed package or the same folder name elsewhere.
    digest = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    name = f"madang_folder_{digest}_{path.stem}"
    places = [str(path)] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise PluginNotFound(f"{file} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else ""
