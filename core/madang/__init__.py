"""madang: a yard where people and personas talk."""

from madang.hookspecs import hookimpl
from madang.persona import PersonaFolder

__all__ = ["PersonaFolder", "hookimpl"]
__version__ = "0.1.0"
