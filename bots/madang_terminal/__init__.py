"""Talk with the personas in a terminal, or through a pipe."""

import madang
from madang.hookspecs import RegisterBot
from madang_terminal.bot import TerminalBot

__all__ = ["TerminalBot"]


@madang.hookimpl
def register_bots(register: RegisterBot) -> None:
    """Register the terminal."""
    register(TerminalBot())
