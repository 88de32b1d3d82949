"""madang: a yard where people and personas talk."""

from madang.hookspecs import hookimpl

__all__ = ["hookimpl"]
__version__ = "0.1.0"
