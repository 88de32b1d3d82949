"""Where things lie: the data folder, and the profiles that come with madang."""

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

import madang
from madang.errors import SettingsError, nearest

DEFAULT_PROFILE = "demo"


def data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what madang keeps: `MADANG_HOME`, or the user's data folder."""
    home = environ.get("MADANG_HOME", "")
    chosen = Path(home).expanduser() if home else platformdirs.user_data_path("madang", False)
    return chosen.absolute()


def default_profile(environ: Mapping[str, str] = os.environ) -> str:
    """Return the profile to use when none is named: `MADANG_PROFILE`, or the demo."""
    return environ.get("MADANG_PROFILE", "") or DEFAULT_PROFILE


def config_dir() -> Path:
    """Return the folder of the profiles that come with madang."""
    package = Path(madang.__file__).parent
    # A wheel carries the profiles inside the package; a checkout has them beside `core`.
    carried = package / "config"
    return carried if carried.is_dir() else package.parent.parent / "config"


def profile_names() -> list[str]:
    """List the profiles that come with madang."""
    return sorted(path.stem for path in config_dir().glob("*.toml"))


def profile_path(profile: str | Path) -> Path:
    """Return the file of a profile, given by name or by path."""
    if isinstance(profile, Path) or profile.endswith(".toml") or Path(profile).name != profile:
        return Path(profile).expanduser().absolute()
    path = config_dir() / f"{profile}.toml"
    if not path.is_file():
        hint = f"{nearest(profile, profile_names())} Or give the path of a .toml file."
        raise SettingsError(f"There is no profile '{profile}'.", hint)
    return path
