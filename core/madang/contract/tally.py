"""What was asked of models, counted by day, place, person, persona and model."""

from datetime import UTC, datetime
from typing import Literal, get_args

import msgspec

from madang.contract.turn import Author

TallyKey = Literal["day", "place", "author", "persona", "model"]

TALLY_KEYS = get_args(TallyKey)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Count questions and their tokens; a key that is summed over is empty.

    `day` is a date of UTC, such as `2026-11-20`, and `place` the key of a place. `requests` counts
    what people asked, however often a judge had it asked again; tokens count each time. An `author`
    without id was forgotten. `cached` of the `prompt` tokens were found in a KV cache.
    """

    day: str = ""
    place: str = ""
    author: Author = Author("", "")
    persona: str = ""
    model: str = ""
    requests: int = 0
    prompt: int = 0
    output: int = 0
    cached: int = 0

    @property
    def tokens(self) -> int:
        """Return the tokens of prompts and answers together, as a daily limit counts them."""
        return self.prompt + self.output


def day_of(seconds: float) -> str:
    """Return the date of UTC at so many seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
