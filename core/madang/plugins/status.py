"""What became of each plugin."""

from dataclasses import dataclass
from typing import Literal

PluginState = Literal["loaded", "disabled", "failed"]


@dataclass(frozen=True, kw_only=True)
class PluginStatus:
    """Say where a plugin comes from, what it provides, or why it does not.

    `provides` lists things such as `persona slang_friend`.
    """

    name: str
    origin: str
    state: PluginState
    reason: str = ""
    provides: tuple[str, ...] = ()
