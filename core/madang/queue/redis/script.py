"""The Lua scripts: each one operation of the queue, done at once or not at all."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from redis.exceptions import NoScriptError

from madang.queue.redis.pipe import Pipe, Word
from madang.queue.redis.terms import Terms

ADMITS: Final = frozenset({"submit"})
"""What a server without memory refuses; everything else goes on, or nothing would ever end."""


class Scripts:
    """Run scripts by their digest, sending the text only to a server that does not know it."""

    def __init__(self, terms: Terms) -> None:
        self._prefix = terms.prefix
        self._constants = terms.constants
        self._texts: dict[str, tuple[str, str]] = {}

    async def run(self, pipe: Pipe, name: str, *arguments: Word) -> Any:
        """Run a script and return its answer, with every string as bytes."""
        digest, text = self._script(name)
        try:
            return await pipe.ask("EVALSHA", digest, 1, self._prefix, *arguments)
        except NoScriptError:
            return await pipe.ask("EVAL", text, 1, self._prefix, *arguments)

    def _script(self, name: str) -> tuple[str, str]:
        if name not in self._texts:
            text = source(name, self._constants)
            self._texts[name] = hashlib.sha1(text.encode()).hexdigest(), text
        return self._texts[name]


def source(name: str, constants: Mapping[str, float]) -> str:
    """Put a script together: how it meets full memory, the constants, the shared part, its own."""
    head = "#!lua" if name in ADMITS else "#!lua flags=allow-oom"
    names, values = ", ".join(constants), ", ".join(map(str, constants.values()))
    return "\n".join([head, f"local {names} = {values}", _read("common"), _read(name)])


@cache
def _read(name: str) -> str:
    return (files("madang.queue.redis") / "scripts" / f"{name}.lua").read_text("utf-8")
