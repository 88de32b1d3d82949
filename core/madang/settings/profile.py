"""A whole profile, and what it says about a place or a persona."""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET, UnsetType

from madang.contract import Model, Place
from madang.errors import UnknownModel, UnknownPersona, nearest
from madang.settings.binding import Binding, DailyLimit, FilterTable, ResolvedPlace, bound, said
from madang.settings.merge import merged, merged_persona
from madang.settings.tables import (
    BotSettings,
    LimitSettings,
    Locale,
    LogSettings,
    OperationsSettings,
    PersonaSettings,
    PlaceSettings,
    PluginSettings,
    PoolSettings,
    QueueSettings,
    StoreSettings,
)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold everything a profile says.

    `persona` is who answers where no place says otherwise, as `NAME` or `NAME:MODE`; `defaults`
    is what holds for every persona that does not say otherwise. `accept_licences` names the models
    whose restrictions the operator accepts.
    """

    persona: str = ""
    locale: Locale = "ko"
    models: dict[str, Model] = {}
    accept_licences: tuple[str, ...] = ()
    defaults: PersonaSettings = PersonaSettings()
    personas: dict[str, PersonaSettings] = {}
    bots: dict[str, BotSettings] = {}
    places: dict[str, PlaceSettings] = {}
    filters: dict[str, dict[str, object]] = {}
    plugins: PluginSettings = PluginSettings()
    store: StoreSettings = StoreSettings()
    queue: QueueSettings = QueueSettings()
    pool: PoolSettings = PoolSettings()
    logs: LogSettings = LogSettings()
    operations: OperationsSettings = OperationsSettings()
    limits: LimitSettings = LimitSettings()

    def place(self, place: Place) -> ResolvedPlace:
        """Return what holds at `place`; a bot that is switched off is off everywhere."""
        table = PlaceSettings()
        for _, level in self._levels(place):
            table = merged(table, _shared(level))
        bot = self.bots.get(place.bot, BotSettings())
        return ResolvedPlace(
            enabled=said(bot.enabled, True) and said(table.enabled, True),
            persona=said(table.persona, self.persona),
            locale=said(table.locale, self.locale),
            filters=said(table.filters, self.enabled_filters),
            daily_requests=self._limit(place, "daily_requests"),
            daily_tokens=self._limit(place, "daily_tokens"),
        )

    def persona_table(self, persona: str, place: Place | None = None) -> PersonaSettings:
        """Merge all levels of a persona: defaults, its table, the bot's, then each place's."""
        table = merged_persona(self.defaults, self.personas.get(persona, PersonaSettings()))
        for _, level in self._levels(place) if place else ():
            table = merged_persona(table, level.personas.get(persona, PersonaSettings()))
        return table

    def binding(self, persona: str, mode: str = "", place: Place | None = None) -> Binding:
        """Return how `persona` speaks at `place`.

        Raises `UnknownPersona` when it has no such mode and `UnknownModel` when it is bound to
        a model that the profile does not have.
        """
        table = self.persona_table(persona, place)
        if mode and mode not in table.modes:
            raise UnknownPersona(f"{persona} has no mode '{mode}'.", nearest(mode, table.modes))
        binding = bound(persona, mode, table)
        if not binding.model:
            raise UnknownModel(
                f"{persona} is bound to no model.",
                f"Set `model` in [personas.{persona}] or [defaults].",
            )
        if binding.model not in self.models:
            raise UnknownModel(
                f"{persona} is bound to the model '{binding.model}', which the profile lacks.",
                nearest(binding.model, self.models),
            )
        return binding

    def filter(self, name: str) -> FilterTable:
        """Return the filter called `name`; one without a table has no keys and its own kind."""
        table = self.filters.get(name, {})
        return FilterTable(
            name=name,
            kind=str(table.get("kind", name)),
            enabled=table.get("enabled") is True,
            options={key: table[key] for key in table if key not in ("enabled", "kind")},
        )

    @property
    def enabled_filters(self) -> tuple[str, ...]:
        """List the filters that are on where no bot or place says otherwise."""
        return tuple(name for name in self.filters if self.filter(name).enabled)

    def _limit(self, place: Place, name: str) -> DailyLimit:
        limit = DailyLimit()
        for key, level in self._levels(place):
            amount: int | UnsetType = getattr(level, name)
            limit = limit if amount is UNSET else DailyLimit(amount, key)
        return limit

    def _levels(self, place: Place) -> Iterator[tuple[str, PlaceSettings]]:
        """Walk the tables that hold at a place, the widest first, with where each stands."""
        if place.bot in self.bots:
            yield place.bot, self.bots[place.bot]
        yield from ((key, self.places[key]) for key in place.lineage if key in self.places)


def _shared(level: PlaceSettings) -> PlaceSettings:
    return PlaceSettings(
        enabled=level.enabled, persona=level.persona, locale=level.locale, filters=level.filters
    )
