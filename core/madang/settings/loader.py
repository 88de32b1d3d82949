"""Reading a profile: one TOML file, then the environment, then everything checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madang.settings.checks import check_accepted, check_bindings, check_filters, check_pool
from madang.settings.environment import override
from madang.settings.files import with_absolute_paths
from madang.settings.paths import data_dir, profile_path
from madang.settings.profile import Settings
from madang.toml import KeyPath, parse, read_table, read_text

Table = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Hold settings with their profile's file and where each value was written."""

    settings: Settings
    path: Path
    table: Table
    variables: Mapping[KeyPath, str]

    def origin(self, path: KeyPath) -> str:
        """Name the environment variable or the file that wrote the value at `path`."""
        return _origin(self.path, self.variables, path)


def load(profile: str | Path, environ: Mapping[str, str]) -> Loaded:
    """Read a profile, given by name or path; `SettingsError` names what is wrong with it."""
    path = profile_path(profile)
    table = parse(read_text(path), str(path))
    variables = override(table, environ)

    def origin(key: KeyPath) -> str:
        return _origin(path, variables, key)

    settings = read_table(table, Settings, origin)
    check_accepted(settings, origin)
    check_filters(settings, origin)
    check_pool(settings, origin)
    check_bindings(settings, origin)
    settings = with_absolute_paths(settings, path.parent, variables, data_dir(environ))
    return Loaded(settings=settings, path=path, table=table, variables=variables)


def _origin(path: Path, variables: Mapping[KeyPath, str], key: KeyPath) -> str:
    for end in range(len(key), 0, -1):
        if key[:end] in variables:
            return f"environment variable {variables[key[:end]]}"
    return str(path)
