"""Personas made of files: reading them, and turning a conversation into a prompt."""

from madang.persona.exchanges import heard
from madang.persona.folder import PersonaFolder
from madang.persona.render import render

__all__ = ["PersonaFolder", "heard", "render"]
