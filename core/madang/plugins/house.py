"""Everything that the plugins provide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from madang.contract import BackendFactory, Bot, FilterFactory, PersonaSource
from madang.errors import PluginNotFound, UnknownPersona, nearest
from madang.plugins.status import PluginStatus


@dataclass(frozen=True)
class Plugins:
    """Hold everything that the plugins provide, by name, and what became of each plugin."""

    personas: Mapping[str, PersonaSource] = field(default_factory=dict)
    bots: Mapping[str, Bot] = field(default_factory=dict)
    backends: Mapping[str, BackendFactory] = field(default_factory=dict)
    filters: Mapping[str, FilterFactory] = field(default_factory=dict)
    statuses: tuple[PluginStatus, ...] = ()

    def persona(self, name: str) -> PersonaSource:
        """Return a persona, or raise `UnknownPersona`."""
        if name not in self.personas:
            hint = self._why_not(name) or nearest(name, self.personas)
            raise UnknownPersona(f"There is no persona '{name}'.", hint)
        return self.personas[name]

    def bot(self, name: str) -> Bot:
        """Return a bot, or raise `PluginNotFound`."""
        return self.bots[name] if name in self.bots else self._missing("bot", name, self.bots)

    def backend(self, name: str) -> BackendFactory:
        """Return what makes a backend, or raise `PluginNotFound`."""
        known = self.backends
        return known[name] if name in known else self._missing("backend", name, known)

    def filter(self, name: str) -> FilterFactory:
        """Return what makes a filter, or raise `PluginNotFound`."""
        known = self.filters
        return known[name] if name in known else self._missing("kind of filter", name, known)

    def _missing(self, kind: str, name: str, known: Iterable[str]) -> NoReturn:
        hint = self._why_not(name) or nearest(name, known)
        raise PluginNotFound(f"There is no {kind} '{name}'.", hint)

    def _why_not(self, name: str) -> str:
        for status in self.statuses:
            if status.name == name and status.state != "loaded":
                return f"Its plugin is {status.state}: {status.reason}"
        return ""
