"""Settings that follow their file: re-read when it changes, the last good version kept."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from madang.errors import SettingsError
from madang.settings.checks import check_bindings, check_filters
from madang.settings.loader import Loaded, load
from madang.settings.paths import profile_path
from madang.settings.profile import Settings
from madang.toml import KeyPath, stamp

LIVE = ("persona", "locale", "defaults", "personas", "bots", "places", "filters", "limits")
"""The keys that change while madang runs; the others need a restart."""

log = logging.getLogger("madang.settings")


class LiveSettings:
    """Give the settings of a profile as they are now.

    `problem` holds what is wrong with the file's newest version while an older one is in use.
    """

    def __init__(self, profile: str | Path, environ: Mapping[str, str]) -> None:
        """Read the profile; `SettingsError` when there is no good version to begin with."""
        self._environ = dict(environ)
        # Before reading: a write in between then shows as a change.
        self._stamp = stamp(profile_path(profile))
        self.loaded: Loaded = load(profile, self._environ)
        self.problem: SettingsError | None = None
        self._first = self._settings = self.loaded.settings

    def current(self) -> Settings:
        """Return the last good version, looking at the file first."""
        newest = stamp(self.loaded.path)
        if newest != self._stamp:
            self._stamp = newest
            self._reread()
        return self._settings

    def _reread(self) -> None:
        try:
            newest = load(self.loaded.path, self._environ)
            settings = self._live_part(newest.settings)
        except SettingsError as error:
            self.problem = error
            log.warning("%s is left as it was: %s", self.loaded.path, error)
            return
        self.problem = None
        self.loaded, self._settings = replace(newest, settings=settings), settings

    def _live_part(self, newest: Settings) -> Settings:
        settings = msgspec.structs.replace(
            self._first, **{name: getattr(newest, name) for name in LIVE}
        )
        # A binding may name a model that only a restart would bring.
        check_bindings(settings, self._origin)
        check_filters(settings, self._origin)
        for name in Settings.__struct_fields__:
            if getattr(newest, name) != getattr(settings, name):
                log.warning("%s: %s changed; restart to apply.", self.loaded.path, name)
        return settings

    def _origin(self, path: KeyPath) -> str:
        return f"{self.loaded.path} (changed; restart to apply new models)"
