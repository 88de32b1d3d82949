"""Who answers at a place: from a persona reference to a persona, its form and its model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from madang.contract import Form, Persona, PersonaSource, Place, Sampling
from madang.errors import SwitchedOff, UnknownForm, UnknownPersona, nearest
from madang.settings import Binding, ResolvedPlace, Settings, check_licence


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Join a persona with the form, model and settings that hold at a place."""

    persona: Persona
    form: Form
    binding: Binding
    place: ResolvedPlace

    @property
    def reference(self) -> str:
        """Return `NAME` or `NAME:MODE`."""
        mode = self.binding.mode
        return f"{self.persona.name}:{mode}" if mode else self.persona.name

    @property
    def options(self) -> Mapping[str, str]:
        """Return the persona's options, the profile's values over the persona's own."""
        return {**self.persona.options, **self.binding.options}

    @property
    def sampling(self) -> Sampling:
        """Return the form's sampling, the profile's values over the form's own."""
        return self.binding.sampling_override.apply(self.form.sampling)


@dataclass(frozen=True)
class Binder:
    """Look up who answers; settings and personas are read anew each time, so they may change.

    `place` says what holds at a place where people may have set something over the profile.
    """

    settings: Callable[[], Settings]
    personas: Mapping[str, PersonaSource]
    place: Callable[[Place], ResolvedPlace] | None = None

    def persona(self, reference: str) -> Persona:
        """Return a persona by reference, or raise `UnknownPersona` with the nearest name."""
        name = reference.partition(":")[0]
        if name not in self.personas:
            raise UnknownPersona(f"There is no persona '{name}'.", nearest(name, self.personas))
        return self.personas[name].current()

    def bind(self, reference: str, place: Place) -> Bound:
        """Return who answers under `reference` at a place; an empty one means the default.

        Raises `SwitchedOff` where the operator switched off the place, the bot or the persona,
        and `LicenceNotAccepted` where the model's licence is restricted and not accepted.
        """
        resolved = (self.place or self.settings().place)(place)
        if not resolved.enabled:
            raise SwitchedOff(f"'{place.key}' is switched off.", "The operator can switch it on.")
        reference = reference or resolved.persona or next(iter(self.personas), "")
        persona, form, binding = self.cast(reference, place)
        return Bound(persona=persona, form=form, binding=binding, place=resolved)

    def cast(self, reference: str, place: Place | None) -> tuple[Persona, Form, Binding]:
        """Return who answers as `reference` at a place, or anywhere; raises why they cannot.

        Whether the place itself is switched off does not matter here.
        """
        settings = self.settings()
        name, _, mode = reference.partition(":")
        persona = self.persona(name)
        binding = settings.binding(name, mode, place)
        if not binding.enabled:
            raise SwitchedOff(f"'{name}' is switched off.", "Choose another persona.")
        check_licence(settings, binding.model)
        return persona, _form(persona, binding), binding


def _form(persona: Persona, binding: Binding) -> Form:
    name = binding.form or next(iter(persona.forms))
    if name not in persona.forms:
        raise UnknownForm(
            f"Persona '{persona.name}' has no form '{name}'.", nearest(name, persona.forms)
        )
    form = persona.forms[name]
    return form if binding.history is None else replace(form, history=binding.history)
