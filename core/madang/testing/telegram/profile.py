"""The profile of a bot: its names and descriptions by language."""

from madang.testing.telegram.menus import read_language
from madang.testing.telegram.wire import bad_request

LENGTHS = {"name": 64, "description": 512, "short_description": 120}


class Profile:
    """Keep the texts that a bot shows about itself."""

    def __init__(self, name: str) -> None:
        self._texts: dict[tuple[str, str], str] = {("name", ""): name}

    def set(self, what: str, text: str, language: str) -> None:
        """Replace a text; an empty one removes that of a language."""
        if len(text) > LENGTHS[what]:
            raise bad_request(f"bot {what} is too long")
        self._texts[what, read_language(language)] = text

    def get(self, what: str, language: str) -> str:
        """Return a text, in the given language or else for everybody."""
        return self._texts.get((what, language)) or self._texts.get((what, ""), "")
