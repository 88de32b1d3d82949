"""What the settings come to at one place: who may speak there, and through which model."""

from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from madang.contract import HistoryRule
from madang.settings.merge import merged
from madang.settings.tables import Locale, ModeSettings, PersonaSettings, SamplingOverride

T = TypeVar("T")


class DailyLimit(msgspec.Struct, frozen=True):
    """Bound what is asked on one day at `place` and all below it; 0 is no bound."""

    amount: int = 0
    place: str = ""


class ResolvedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what all levels together say of a place; `filters` are names, in their order.

    A daily limit counts where the narrowest level that says it stands.
    """

    enabled: bool
    persona: str
    locale: Locale
    filters: tuple[str, ...]
    daily_requests: DailyLimit = DailyLimit()
    daily_tokens: DailyLimit = DailyLimit()


class FilterTable(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one `[filters.NAME]` table: whether it is on, what makes it, and its own keys."""

    name: str
    kind: str
    enabled: bool
    options: dict[str, object]


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """Join a persona to a model at one place.

    An empty `form` means the persona's first, an empty `adapter` the bare model, and a `history`
    of None the form's own rule. `sampling_override.apply(form.sampling)` gives the sampling.
    """

    persona: str
    mode: str
    enabled: bool
    model: str
    form: str
    adapter: str
    options: dict[str, str]
    sampling_override: SamplingOverride
    history: HistoryRule | None


def bound(persona: str, mode: str, table: PersonaSettings) -> Binding:
    """Return the binding that a persona's merged table and one of its modes come to."""
    narrow = table.modes.get(mode, ModeSettings())
    wide = ModeSettings(
        model=table.model,
        form=table.form,
        # The adapter of one model means nothing to another one that the mode names.
        adapter=table.adapter if narrow.model in (UNSET, table.model) else UNSET,
    )
    choice = merged(wide, narrow)
    return Binding(
        persona=persona,
        mode=mode,
        enabled=said(table.enabled, True),
        model=said(choice.model, ""),
        form=said(choice.form, ""),
        adapter=said(choice.adapter, ""),
        options=table.options,
        sampling_override=table.sampling,
        history=said(table.history, None),
    )


def said(value: T | UnsetType, otherwise: T) -> T:
    """Return `value`, or `otherwise` where it is unset."""
    return otherwise if isinstance(value, UnsetType) else value
