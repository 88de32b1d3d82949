"""What people set while madang runs, over what the profile says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from madang.contract import PersonaSource, Place, Store
from madang.conversation.binding import Binder
from madang.errors import SettingsError, nearest
from madang.settings import DailyLimit, ResolvedPlace, Settings
from madang.settings.binding import said
from madang.settings.merge import merged
from madang.settings.tables import DailyCount, Days, Locale

Kind = TypeVar("Kind", bound=msgspec.Struct)
ErrorStyle = Literal["reply", "reaction", "silent"]
Language = Callable[[Place, str], str]
"""Say in which language to speak at a place, with a person where an id is given."""


class PlaceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what people set at one place; it holds below too, and `UNSET` is not said.

    `locked` keeps the persona for admins to change, `free` has everything answered without being
    addressed, `enabled` is the kill switch, `errors` is how a problem is told. The daily limits
    bound all people together. `left` is when the bot was removed there, in seconds since the epoch.
    With `faces` every persona speaks under a name and a picture of its own, with `rich` answers are
    sent as formatted documents, each where the platform can.
    """

    persona: str | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    free: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    errors: ErrorStyle | UnsetType = UNSET
    daily_requests: DailyCount | UnsetType = UNSET
    daily_tokens: DailyCount | UnsetType = UNSET
    retention_days: Days | UnsetType = UNSET
    left: float | UnsetType = UNSET
    faces: bool | UnsetType = UNSET
    rich: bool | UnsetType = UNSET


class PersonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what a person set for themselves on a bot.

    `forgotten` is when they had their data deleted, in seconds since the epoch: what they said
    before that is not read back from the platform.
    """

    persona: str | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    forgotten: float | UnsetType = UNSET


class Here(ResolvedPlace, frozen=True, kw_only=True):
    """Hold all that holds at a place; the daily limits are those of the profile alone."""

    locked: bool
    free: bool
    errors: ErrorStyle
    retention_days: float


@dataclass(kw_only=True)
class Options:
    """Read and set options; the narrowest place that says something wins over wider ones.

    All options win over the profile in what is a matter of taste, and only narrow what is a matter
    of permission: they can switch off but not on, and add limits but lift none. What is read
    without waiting is as of the last `refresh`, which every question and every setting makes.
    `languages` holds for each bot that knows more of its people how it speaks with them.
    """

    store: Store
    settings: Callable[[], Settings]
    personas: Mapping[str, PersonaSource]
    languages: dict[str, Language] = field(default_factory=dict)
    _revision: int = -1
    _places: Mapping[str, PlaceOptions] = field(default_factory=dict)
    _people: Mapping[str, PersonOptions] = field(default_factory=dict)

    async def refresh(self) -> None:
        """Take over what changed, also by other processes."""
        table = await self.store.options(self._revision)
        if table is None:
            return
        self._revision = table.revision
        places = {key: given for key, given in table.said.items() if not _is_person(key)}
        people = {key: given for key, given in table.said.items() if _is_person(key)}
        self._places = {key: _decoded(given, PlaceOptions) for key, given in places.items()}
        self._people = {key: _decoded(given, PersonOptions) for key, given in people.items()}

    async def at(self, place: Place, person: str = "") -> Here:
        """Return what holds at a place now; with a person's id, their own persona and locale."""
        await self.refresh()
        return self.place(place, person)

    def place(self, place: Place, person: str = "") -> Here:
        """Return what holds at a place, as far as was read; a persona is theirs unless `locked`.

        Where nobody was named, the first persona answers.
        """
        profile, options = self.settings().place(place), self.said(place)
        own = self._people.get(person, PersonOptions())
        locked = said(options.locked, False)
        fields = msgspec.structs.asdict(profile) | {
            "enabled": profile.enabled and said(options.enabled, True),
            "persona": said(options.persona, profile.persona) or next(iter(self.personas), ""),
            "locale": said(own.locale, said(options.locale, profile.locale)),
        }
        if not locked:
            fields["persona"] = said(own.persona, fields["persona"])
        return Here(
            **fields,
            locked=locked,
            free=said(options.free, False),
            errors=said(options.errors, "reply"),
            retention_days=self._retention(options),
        )

    def locale(self, place: Place, person: str = "") -> str:
        """Return the language in which a bot speaks with somebody at a place."""
        language = self.languages.get(place.bot)
        return language(place, person) if language else self.place(place, person).locale

    def said(self, place: Place) -> PlaceOptions:
        """Merge the options along a place's path."""
        options = PlaceOptions()
        for key in place.lineage:
            options = merged(options, self._places.get(key, PlaceOptions()))
        return options

    def below(self, place: Place) -> Mapping[Place, PlaceOptions]:
        """List the options that were set at a place itself and at every place below it."""
        return {
            Place(key): options
            for key, options in sorted(self._places.items())
            if place.key in Place(key).lineage
        }

    def own(self, person: str) -> PersonOptions:
        """Return what a person set for themselves."""
        return self._people.get(person, PersonOptions())

    def kept_days(self) -> Mapping[Place, float]:
        """List the places that say for how many days conversations are kept there and below."""
        return {
            Place(key): options.retention_days
            for key, options in self._places.items()
            if options.retention_days is not UNSET
        }

    def limit(self, place: Place, key: Literal["daily_requests", "daily_tokens"]) -> DailyLimit:
        """Return the daily limit that people set, and the place for which it holds."""
        for wider in reversed(place.lineage):
            amount = getattr(self._places.get(wider), key, UNSET)
            if amount is not UNSET:
                return DailyLimit(amount, wider)
        return DailyLimit()

    async def set(self, where: Place | str, key: str, value: object) -> None:
        """Set one option of a place, or of a person given by id.

        Raises `SettingsError` for a key or a value that does not fit, `UnknownPersona` for a
        persona that nobody is, and what else keeps one from answering there.
        """
        kind = PlaceOptions if isinstance(where, Place) else PersonOptions
        _check(kind, key, value)
        if key == "persona":
            place = where if isinstance(where, Place) else None
            Binder(self.settings, self.personas).cast(str(value), place)
        await self._store(where, key, msgspec.json.encode(value).decode())

    async def unset(self, where: Place | str, key: str) -> None:
        """Take one option back, so that wider places and the profile decide."""
        _check(PlaceOptions if isinstance(where, Place) else PersonOptions, key, UNSET)
        await self._store(where, key, None)

    async def _store(self, where: Place | str, key: str, value: str | None) -> None:
        await self.store.set_option(_subject(where), key, value)
        await self.refresh()

    def _retention(self, options: PlaceOptions) -> float:
        days = [self.settings().store.retention_days, said(options.retention_days, 0.0)]
        return min(filter(None, days), default=0.0)


def _subject(where: Place | str) -> str:
    subject = where.key if isinstance(where, Place) else where
    if _is_person(subject) is isinstance(where, Place):
        raise SettingsError(f"'{subject}' is no {type(where).__name__} to set options for.")
    return subject


def _is_person(subject: str) -> bool:
    """Tell the id of a person, `BOT:ID`, from the key of a place, `BOT/…`."""
    return ":" in subject.partition("/")[0]


def _decoded(given: Mapping[str, str], kind: type[Kind]) -> Kind:
    values = {key: msgspec.json.decode(value) for key, value in given.items()}
    return msgspec.convert(values, kind)


def _check(kind: type[PlaceOptions | PersonOptions], key: str, value: object) -> None:
    if key not in kind.__struct_fields__:
        raise SettingsError(f"There is no option '{key}'.", nearest(key, kind.__struct_fields__))
    if value is UNSET:
        return
    try:
        msgspec.convert({key: value}, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{key}: {str(error).partition(' - ')[0]}.") from error
