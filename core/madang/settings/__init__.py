"""Settings: a TOML profile and the environment, typed, checked, and re-read when they change."""

from madang.settings.binding import Binding, DailyLimit, FilterTable, ResolvedPlace
from madang.settings.checks import check_names
from madang.settings.licence import check_licence
from madang.settings.live import LiveSettings
from madang.settings.loader import Loaded, load
from madang.settings.paths import (
    config_dir,
    data_dir,
    default_profile,
    profile_names,
    profile_path,
)
from madang.settings.profile import Settings
from madang.settings.show import as_toml
from madang.settings.size import size_of
from madang.settings.tables import (
    BotSettings,
    LimitSettings,
    Locale,
    LogSettings,
    ModeSettings,
    PersonaSettings,
    PlaceSettings,
    PluginSettings,
    PoolSettings,
    QueueSettings,
    SamplingOverride,
    StoreSettings,
)

__all__ = [
    "Binding",
    "BotSettings",
    "DailyLimit",
    "FilterTable",
    "LimitSettings",
    "LiveSettings",
    "Loaded",
    "Locale",
    "LogSettings",
    "ModeSettings",
    "PersonaSettings",
    "PlaceSettings",
    "PluginSettings",
    "PoolSettings",
    "QueueSettings",
    "ResolvedPlace",
    "SamplingOverride",
    "Settings",
    "StoreSettings",
    "as_toml",
    "check_licence",
    "check_names",
    "config_dir",
    "data_dir",
    "default_profile",
    "load",
    "profile_names",
    "profile_path",
    "size_of",
]
