"""Parts for tests: backends that answer without a model, requests, and a queue with a worker."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang.testing.chat import Chat, open_chat
    from madang.testing.echo import Answer, EchoBackend, HeldBackend, ScriptedBackend
    from madang.testing.harness import end_of, events_of, serving
    from madang.testing.jobs import ended, loading, piece, serve_in_turn, spin, take_one, text_of
    from madang.testing.requests import a_prompt, a_request

__all__ = [
    "Answer",
    "Chat",
    "EchoBackend",
    "HeldBackend",
    "ScriptedBackend",
    "a_prompt",
    "a_request",
    "end_of",
    "ended",
    "events_of",
    "loading",
    "open_chat",
    "piece",
    "serve_in_turn",
    "serving",
    "spin",
    "take_one",
    "text_of",
]

_MODULES = {
    "chat": ("Chat", "open_chat"),
    "echo": ("Answer", "EchoBackend", "HeldBackend", "ScriptedBackend"),
    "jobs": ("ended", "loading", "piece", "serve_in_turn", "spin", "take_one", "text_of"),
    "requests": ("a_prompt", "a_request"),
    "harness": ("end_of", "events_of", "serving"),
}


def __getattr__(name: str) -> object:
    """Import a part when it is asked for.

    pytest loads `madang.testing.fixtures`, and with it this file, in every project where madang
    is installed: that must cost nothing, and happens before coverage is measured.
    """
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
