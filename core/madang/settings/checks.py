"""What one table of a profile says of another, or of the plugins that are there."""

from collections.abc import Collection, Iterator, Mapping

from madang.contract import Persona, PersonaSource, Place
from madang.errors import SettingsError, nearest
from madang.settings.binding import Binding, bound
from madang.settings.profile import Settings
from madang.settings.size import size_of
from madang.settings.tables import PersonaSettings
from madang.toml import KeyPath, Origin, dotted, wrong


def check_bindings(settings: Settings, origin: Origin) -> None:
    """Refuse a persona bound to a model or an adapter that the profile does not have."""
    for path, persona, place, _ in _persona_tables(settings):
        table = settings.persona_table(persona, place)
        for mode in ("", *table.modes):
            where = (*path, "modes", mode) if mode else path
            _check_binding(settings, bound(persona, mode, table), where, origin)


def check_accepted(settings: Settings, origin: Origin) -> None:
    """Refuse to accept the licence of a model that the profile does not have."""
    for name in settings.accept_licences:
        if name not in settings.models:
            what = f"there is no model '{name}'."
            raise wrong(origin, ("accept_licences",), what, nearest(name, settings.models))


def check_pool(settings: Settings, origin: Origin) -> None:
    """Refuse an amount of memory that is no size."""
    if settings.pool.memory and size_of(settings.pool.memory) is None:
        what = f"'{settings.pool.memory}' is no size."
        raise wrong(origin, ("pool", "memory"), what, 'Write a number and a unit, such as "20GiB".')


def check_filters(settings: Settings, origin: Origin) -> None:
    """Refuse wrong reserved keys of a filter, and a place that names a filter without table."""
    for name, table in settings.filters.items():
        for key, kind, words in (("enabled", bool, "boolean"), ("kind", str, "string")):
            if not isinstance(table.get(key, kind()), kind):
                raise wrong(origin, ("filters", name, key), f"expected {words}.")
    for kind_of_table, tables in (("bots", settings.bots), ("places", settings.places)):
        for key, scope in tables.items():
            for name in scope.filters or ():
                if name not in settings.filters:
                    what = f"there is no table [filters.{name}]."
                    path = (kind_of_table, key, "filters")
                    raise wrong(origin, path, what, nearest(name, settings.filters))


def check_names(
    settings: Settings,
    personas: Mapping[str, PersonaSource],
    bots: Collection[str],
    filters: Collection[str],
    backends: Collection[str],
) -> list[SettingsError]:
    """List the names in a profile that no loaded plugin answers to.

    They are for the caller to show: a profile may be shared with machines that have other plugins.
    """
    found = list(_persona_problems(settings, personas))
    for name in settings.bots:
        found += _missing("bot", name, bots, ("bots", name))
    for place in settings.places:
        found += _missing("bot", Place(place).bot, bots, ("places", place))
    for name in settings.filters:
        kind = settings.filter(name).kind
        found += _missing("kind of filter", kind, filters, ("filters", name))
    for name, model in settings.models.items():
        found += _missing("backend", model.backend, backends, ("models", name, "backend"))
    return found


def _persona_problems(
    settings: Settings, personas: Mapping[str, PersonaSource]
) -> Iterator[SettingsError]:
    for path, reference in _references(settings):
        yield from _missing("persona", reference.partition(":")[0], personas, path)
    for path, name, place, table in _persona_tables(settings):
        if not name:
            continue
        yield from _missing("persona", name, personas, path)
        if name in personas:
            binding = bound(name, "", settings.persona_table(name, place))
            yield from _form_problems(personas[name].current(), binding, table, path)


def _form_problems(
    persona: Persona, binding: Binding, table: PersonaSettings, path: KeyPath
) -> Iterator[SettingsError]:
    forms = [(binding.form, (*path, "form"))]
    forms += [
        (str(mode.form or ""), (*path, "modes", key, "form")) for key, mode in table.modes.items()
    ]
    for form, where in forms:
        if form:
            yield from _missing(f"form of {persona.name}", form, persona.forms, where)
    for option in table.options:
        where = (*path, "options", option)
        yield from _missing(f"option of {persona.name}", option, persona.options, where)


def _missing(
    what: str, name: str, known: Collection[str], path: KeyPath
) -> Iterator[SettingsError]:
    if name not in known:
        message = f"{dotted(path)}: there is no {what} '{name}'."
        yield SettingsError(message, nearest(name, known))


def _references(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    if settings.persona:
        yield ("persona",), settings.persona
    for kind, tables in (("bots", settings.bots), ("places", settings.places)):
        for key, table in tables.items():
            if table.persona:
                yield (kind, key, "persona"), str(table.persona)


def _persona_tables(
    settings: Settings,
) -> Iterator[tuple[KeyPath, str, Place | None, PersonaSettings]]:
    """Walk every level that binds a persona, the widest first, so that it takes the blame."""
    yield ("defaults",), "", None, settings.defaults
    for name, table in settings.personas.items():
        yield ("personas", name), name, None, table
    for kind, tables in (("bots", settings.bots), ("places", settings.places)):
        for key, scope in tables.items():
            for name, table in scope.personas.items():
                yield (kind, key, "personas", name), name, Place(key), table


def _check_binding(settings: Settings, binding: Binding, path: KeyPath, origin: Origin) -> None:
    if not binding.model:
        return
    model = settings.models.get(binding.model)
    if model is None:
        what = f"there is no model '{binding.model}'."
        raise wrong(origin, (*path, "model"), what, nearest(binding.model, settings.models))
    if binding.adapter and binding.adapter not in model.adapters:
        what = f"the model '{binding.model}' has no adapter '{binding.adapter}'."
        raise wrong(origin, (*path, "adapter"), what, nearest(binding.adapter, model.adapters))
