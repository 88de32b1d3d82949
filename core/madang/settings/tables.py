"""What a profile may say: one frozen table a struct, and nothing unknown is let in.

`msgspec.UNSET` means: not said here, so the next wider level decides.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from madang.contract import (
    HistoryRule,
    MinP,
    RepetitionPenalty,
    Sampling,
    StopString,
    Temperature,
    TokenCount,
    TopK,
    TopP,
)

Locale = Literal["ko", "en"]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]

Positive = Annotated[int, Meta(ge=1)]
Days = Annotated[float, Meta(ge=0, le=36500)]
Seconds = Annotated[float, Meta(gt=0, le=86400)]
Lease = Annotated[float, Meta(ge=1, le=3600)]
Namespace = Annotated[str, Meta(pattern=r"^[\w.-]+$")]
Minutes = Annotated[float, Meta(ge=0, le=10080)]
DailyCount = Annotated[int, Meta(ge=0)]


class SamplingOverride(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Replace single fields of a form's sampling."""

    max_new_tokens: TokenCount | UnsetType = UNSET
    max_length: TokenCount | UnsetType = UNSET
    temperature: Temperature | UnsetType = UNSET
    top_p: TopP | UnsetType = UNSET
    top_k: TopK | UnsetType = UNSET
    min_p: MinP | UnsetType = UNSET
    repetition_penalty: RepetitionPenalty | UnsetType = UNSET
    stop: tuple[StopString, ...] | UnsetType = UNSET
    seed: int | UnsetType = UNSET

    def apply(self, base: Sampling) -> Sampling:
        """Return `base` with what is said here."""
        said = {name: getattr(self, name) for name in self.__struct_fields__}
        return msgspec.structs.replace(
            base, **{name: value for name, value in said.items() if value is not UNSET}
        )


class ModeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what a mode of a persona does otherwise than the persona."""

    model: str | UnsetType = UNSET
    form: str | UnsetType = UNSET
    adapter: str | UnsetType = UNSET


class PersonaSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bind a persona to a model, an adapter and a form; levels merge field by field."""

    enabled: bool | UnsetType = UNSET
    model: str | UnsetType = UNSET
    form: str | UnsetType = UNSET
    adapter: str | UnsetType = UNSET
    history: HistoryRule | UnsetType = UNSET
    options: dict[str, str] = {}
    sampling: SamplingOverride = SamplingOverride()
    modes: dict[str, ModeSettings] = {}


class PlaceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what holds at a place and at every place below it.

    `daily_requests` and `daily_tokens` bound what all people together ask there and below, on one
    day of UTC; 0 lifts what a wider level says.
    """

    enabled: bool | UnsetType = UNSET
    persona: str | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    filters: tuple[str, ...] | UnsetType = UNSET
    daily_requests: DailyCount | UnsetType = UNSET
    daily_tokens: DailyCount | UnsetType = UNSET
    personas: dict[str, PersonaSettings] = {}


class BotSettings(PlaceSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what holds everywhere on one bot; `options` are the bot's own."""

    options: dict[str, object] = {}


class PluginSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say which plugins to load: `dirs` are relative to the profile's file."""

    dirs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    strict: bool = False


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say where conversations are kept, and for how many days (0: for ever).

    `path` is relative to the data folder; empty means `madang.db` there, `:memory:` no file.
    """

    path: str = ""
    retention_days: Days = 0


class QueueSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say which queue joins bots and workers, and how much may wait in it.

    The rest is for `redis`: one of `url`, `url_env` (a variable) and `url_file` says where the
    server is. All processes of a deployment share the `namespace` and the other values.
    """

    kind: str = "local"
    max_waiting: Positive = 256
    max_waiting_per_user: Positive = 8
    url: str = ""
    url_env: str = ""
    url_file: str = ""
    namespace: Namespace = "madang"
    lease_seconds: Lease = 10
    attempts: Positive = 3


class PoolSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how much memory models may take together, and how long an unused one stays (0: for good).

    `memory` is a size such as "20GiB", of the graphics card where there is one; empty means what
    is free before the first model is loaded, but for a margin.
    """

    memory: str = ""
    idle_minutes: Minutes = 0


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how much is logged, in which form, and where.

    `file` is relative to the data folder; empty means standard error.
    """

    level: LogLevel = "info"
    format: LogFormat = "text"
    file: str = ""


class OperationsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say where metrics and health are served, as `HOST:PORT`; empty means nowhere."""

    listen: str = ""


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bound one message, one prompt, how long a question may wait, and what one person may ask.

    `bulk_wait_seconds` is for forms whose requests are bulk work. The daily limits hold for each
    person at all places together; 0 means none.
    """

    message_characters: Positive = 16_000
    prompt_bytes: Positive = 49_152
    wait_seconds: Seconds = 120
    bulk_wait_seconds: Seconds = 3600
    daily_requests: DailyCount = 0
    daily_tokens: DailyCount = 0
