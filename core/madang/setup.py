"""What start-up finds: the profile and the plugins, before anything runs."""

import contextlib
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from madang.contract import Backend, Form, Model, Persona, Place, Sampling
from madang.conversation.binding import Binder, Bound
from madang.errors import LicenceNotAccepted, MadangError, SettingsError, UnsupportedParameter
from madang.plugins import Plugins, load_plugins
from madang.settings import (
    LiveSettings,
    Settings,
    check_licence,
    check_names,
    config_dir,
    default_profile,
)
from madang.sharing import merged

WORKER_COUNTS = frozenset({"max_length"})
"""What the worker itself sees to, whatever the backend."""

ANYWHERE = Place("")
"""A place with no settings of its own: what the profile says in general."""


@dataclass(frozen=True, kw_only=True)
class PersonaInfo:
    """Describe a persona as it is bound at a place; `references` are what people may choose.

    `problem` says why it cannot answer, and is None when it can. `model` is known also where only
    its licence keeps it from answering.
    """

    persona: Persona
    references: tuple[str, ...]
    bound: Bound | None
    model_name: str
    model: Model | None
    problem: MadangError | None


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Hold the settings and the plugins; `warnings` are names that nobody answers to."""

    live: LiveSettings
    plugins: Plugins
    warnings: tuple[SettingsError, ...]

    @property
    def settings(self) -> Settings:
        """Return the settings as they are now."""
        return self.live.current()

    @property
    def profile(self) -> str:
        """Return the profile's name, which is its file's."""
        return self.live.loaded.path.stem

    @property
    def profile_argument(self) -> str:
        """Return what `--profile` takes for this profile: a name, or the path of a file."""
        path = self.live.loaded.path
        return self.profile if path.parent == config_dir() else shlex.quote(str(path))

    @property
    def complaints(self) -> list[str]:
        """Word what did not work at start-up and does not stop it: failed plugins, wrong names."""
        failed = [status for status in self.plugins.statuses if status.state == "failed"]
        return [
            *(f"plugin '{status.name}' failed: {status.reason}" for status in failed),
            *(f"{warning.message} {warning.hint}".rstrip() for warning in self.warnings),
        ]

    @property
    def binder(self) -> Binder:
        """Look up who answers where."""
        return Binder(self.live.current, self.plugins.personas)

    def personas(self, place: Place = ANYWHERE) -> list[PersonaInfo]:
        """List every persona as it is bound at a place, those that cannot answer included."""
        return [self._info(name, place) for name in self.plugins.personas]

    def _info(self, name: str, place: Place) -> PersonaInfo:
        settings = self.settings
        modes = settings.persona_table(name, place).modes
        bound, problem, model = None, None, ""
        try:
            model = settings.binding(name, place=place).model
            bound = self.binder.bind(name, place)
        except MadangError as error:
            problem = error
        return PersonaInfo(
            persona=self.plugins.personas[name].current(),
            references=(name, *(f"{name}:{mode}" for mode in modes)),
            bound=bound,
            model_name=model,
            model=settings.models.get(model),
            problem=problem,
        )

    def backends(self) -> dict[str, Backend]:
        """Make the backend of every model; nothing is loaded yet.

        Tables of one base share a backend. Every table has one, since settings may bind a persona
        to another model while madang runs. One that cannot be made stops the start only when
        somebody is bound to it, and one whose licence is not accepted only when nobody else can
        answer. Raises `UnsupportedParameter` when a persona asks for what its backend cannot
        honour.
        """
        made: dict[str, Backend] = {}
        broken: dict[str, MadangError] = {}
        allowed: dict[str, Model] = {}
        for name, model in self.settings.models.items():
            try:
                check_licence(self.settings, name)
                allowed[name] = model
            except MadangError as error:
                broken[name] = error
        for names, model in merged(allowed):
            try:
                made |= dict.fromkeys(names, self.plugins.backend(model.backend)(names[0], model))
            except MadangError as error:
                broken |= dict.fromkeys(names, error)
        bindings = list(self._everywhere())
        if not bindings:
            self._check_anybody()
        for bound in bindings:
            if bound.binding.model in broken:
                raise broken[bound.binding.model]
            check_capabilities(bound, made[bound.binding.model])
        return made

    def _check_anybody(self) -> None:
        """Stop where nobody can answer and a licence is why, before anybody asks."""
        for info in self.personas():
            if isinstance(info.problem, LicenceNotAccepted):
                raise info.problem

    def _everywhere(self) -> Iterator[Bound]:
        """Walk all bindings of all personas; who cannot be bound is told when asked for."""
        settings = self.settings
        for place in (ANYWHERE, *map(Place, (*settings.bots, *settings.places))):
            for info in self.personas(place):
                for reference in info.references:
                    with contextlib.suppress(MadangError):
                        yield self.binder.bind(reference, place)


def check_capabilities(bound: Bound, backend: Backend) -> None:
    """Refuse a binding that asks for what the backend would have to drop."""
    asked = dropped_by(bound.form, bound.sampling, bound.binding.adapter, backend)
    if asked:
        raise UnsupportedParameter(
            f"Persona '{bound.persona.name}' asks model '{bound.binding.model}' for {asked}, "
            "which its backend cannot honour.",
            f"{_without(asked, bound.persona.name)}, or bind it to another model.",
        )


def _without(asked: str, persona: str) -> str:
    neutral = getattr(Sampling(), asked, None)
    if isinstance(neutral, int | float):
        return f"Set {asked} = {neutral} in [personas.{persona}.sampling]"
    return f"Change [personas.{persona}]"


def dropped_by(form: Form, sampling: Sampling, adapter: str, backend: Backend) -> str:
    """Name the first thing asked for that a backend does not declare; empty when there is none."""
    can = backend.capabilities
    if form.kind not in can.kinds:
        return f"a {form.kind} prompt"
    if adapter and not can.adapters:
        return f"the adapter '{adapter}'"
    off = Sampling()
    changed = (
        name
        for name in Sampling.__struct_fields__
        if getattr(sampling, name) != getattr(off, name)
        and name not in can.sampling
        and name not in WORKER_COUNTS
    )
    return next(changed, "")


def prepare(
    profile: str | Path | None,
    environ: Mapping[str, str],
    *,
    without: Collection[str] = (),
    strict: bool = False,
) -> Setup:
    """Read a profile and load the plugins; `strict` makes any failure of a plugin fatal."""
    live = LiveSettings(profile or default_profile(environ), environ)
    settings = live.current()
    strict = strict or settings.plugins.strict
    plugins = load_plugins(
        dirs=settings.plugins.dirs, without=(*settings.plugins.without, *without), strict=strict
    )
    problems = check_names(
        settings, plugins.personas, plugins.bots, plugins.filters, plugins.backends
    )
    if problems and strict:
        raise problems[0]
    return Setup(live=live, plugins=plugins, warnings=tuple(problems))
