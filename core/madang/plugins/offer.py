"""What one plugin offers, before it is known whether all of it can be taken."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pluggy

from madang.contract import BackendFactory, Bot, FilterFactory, PersonaSource
from madang.errors import AlreadyRegistered, PluginFailed

T = TypeVar("T")

# A name stands in persona references and in the keys of places, so `:` and `/` are theirs.
NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Offer:
    """Collect what a plugin registers, under the names that the profile uses."""

    plugin: str
    personas: dict[str, PersonaSource] = field(default_factory=dict)
    bots: dict[str, Bot] = field(default_factory=dict)
    backends: dict[str, BackendFactory] = field(default_factory=dict)
    filters: dict[str, FilterFactory] = field(default_factory=dict)

    def collect(self, hook: pluggy.HookRelay) -> None:
        """Call every hook of the plugin."""
        hook.register_personas(register=self.add_persona)
        hook.register_bots(register=self.add_bot)
        hook.register_backends(register=self.add_backend)
        hook.register_filters(register=self.add_filter)

    def add_persona(self, persona: PersonaSource) -> None:
        """Take a persona under the name it has now."""
        self._needs("persona", persona, "current")
        self._add("persona", self.personas, persona.current().name, persona)

    def add_bot(self, bot: Bot) -> None:
        """Take a bot under its name."""
        self._needs("bot", bot, "name", "arguments", "run")
        self._add("bot", self.bots, bot.name, bot)

    def add_backend(self, name: str, factory: BackendFactory) -> None:
        """Take what makes a backend."""
        self._needs("backend", factory, "__call__")
        self._add("backend", self.backends, name, factory)

    def add_filter(self, name: str, factory: FilterFactory) -> None:
        """Take what makes a filter."""
        self._needs("filter", factory, "__call__")
        self._add("filter", self.filters, name, factory)

    def kinds(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Walk the four kinds of things."""
        yield "persona", self.personas
        yield "bot", self.bots
        yield "backend", self.backends
        yield "filter", self.filters

    @property
    def provides(self) -> tuple[str, ...]:
        """List what the plugin offers, such as `persona slang_friend`."""
        return tuple(f"{kind} {name}" for kind, things in self.kinds() for name in things)

    def _needs(self, kind: str, thing: object, *attributes: str) -> None:
        for attribute in attributes:
            if not hasattr(thing, attribute):
                what = f"registered {thing!r} as a {kind}, which has no `{attribute}`."
                raise PluginFailed(f"Plugin {self.plugin} {what}")

    def _add(self, kind: str, things: dict[str, T], name: str, thing: T) -> None:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise PluginFailed(
                f"Plugin {self.plugin} registers a {kind} called {name!r}.",
                "A name is made of letters, digits, `_` and `-`.",
            )
        if name in things:
            raise AlreadyRegistered(f"Plugin {self.plugin} registers two {kind}s '{name}'.")
        things[name] = thing
