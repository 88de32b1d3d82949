"""Polish steps that every persona can name in its `persona.toml`.

A step maps the raw text so far to what is shown of it. What it shows of unfinished text is a
prefix of what it shows in the end, so nothing on the screen is ever taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from madang.contract import Polish


def strip(raw: str, final: bool) -> str:
    """Leave out white space around an answer; inside it may still turn out to be the end."""
    return raw.strip()


@dataclass(frozen=True)
class CutAt:
    """End an answer before the first marker in it.

    Of unfinished text it holds back an end that may become a marker.
    """

    markers: tuple[str, ...]

    def __call__(self, raw: str, final: bool) -> str:
        """Return the text before the first marker."""
        found = [raw.find(marker) for marker in self.markers]
        end = min((at for at in found if at >= 0), default=len(raw))
        # Also when a marker is whole: a longer one may have begun before it.
        return raw[:end] if final else raw[: min(end, _begun(raw, self.markers))]


def _begun(raw: str, markers: Sequence[str]) -> int:
    """Return where a marker may have begun that the text does not hold whole yet."""
    longest = max(map(len, markers), default=0)
    for at in range(max(0, len(raw) - longest + 1), len(raw)):
        if any(marker.startswith(raw[at:]) for marker in markers):
            return at
    return len(raw)


STEPS: Mapping[str, Polish] = MappingProxyType({"strip": strip})
"""The steps by the names that `polish` uses."""
