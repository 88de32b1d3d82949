"""Stop strings, found across the borders of tokens."""

from collections.abc import Sequence


class StopStrings:
    """Let text through until a stop string is complete.

    What may still become a stop string is held back. The one that is complete first ends the
    text, whatever pieces the text comes in; of several that end at the same character the
    longest counts.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.found = ""

    def feed(self, text: str) -> str:
        """Take the next piece and return what can be shown; nothing once a stop is found."""
        if self.found:
            return ""
        text = self._held + text
        end = self._cut(text)
        if end is None:
            end = len(text) - self._beginning(text)
        self._held = "" if self.found else text[end:]
        return text[:end]

    def flush(self) -> str:
        """Return what was held back: the text is over and did not become a stop string."""
        held, self._held = self._held, ""
        return held

    def _cut(self, text: str) -> int | None:
        hits = [(at + len(stop), at, stop) for stop in self._stops if (at := text.find(stop)) >= 0]
        if not hits:
            return None
        _, at, self.found = min(hits)
        return at

    def _beginning(self, text: str) -> int:
        """Measure the longest end of `text` that begins a stop string."""
        return max((_overlap(text, stop) for stop in self._stops), default=0)


def _overlap(text: str, stop: str) -> int:
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
