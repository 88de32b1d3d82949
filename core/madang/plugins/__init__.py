"""Plugins: collected once at start-up, each by itself, each with its true status."""

from madang.plugins.house import Plugins
from madang.plugins.loading import load_plugins
from madang.plugins.status import PluginState, PluginStatus

__all__ = ["PluginState", "PluginStatus", "Plugins", "load_plugins"]
