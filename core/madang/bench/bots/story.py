"""Stories: answers of a known text and a known duration, asked for by number."""

import re
from dataclasses import dataclass

PIECES_PER_S = 20
ASKED = re.compile(r"이야기 (\d+)번 (\d+) ms")


@dataclass(frozen=True)
class Story:
    """Be an answer that takes so many milliseconds, and whose ending is in its text."""

    number: int
    milliseconds: int

    @property
    def question(self) -> str:
        """Return what somebody says to hear it."""
        return f"이야기 {self.number}번 {self.milliseconds} ms"

    @property
    def pieces(self) -> list[str]:
        """Return what the model writes, piece by piece; Markdown is at both ends."""
        count = max(1, self.milliseconds * PIECES_PER_S // 1000)
        middle = [f"마디{at} " for at in range(count)]
        return [f"**이야기 {self.number}** ", *middle, f"`끝 {self.number}`"]

    @property
    def text(self) -> str:
        """Return the whole answer."""
        return "".join(self.pieces)

    @property
    def plain(self) -> str:
        """Return the whole answer as it reads once its Markdown is styles."""
        return self.text.replace("**", "").replace("`", "")


def asked_for(text: str) -> Story | None:
    """Find the story that a question asks for, the last one where there are several."""
    found = ASKED.findall(text)
    return Story(int(found[-1][0]), int(found[-1][1])) if found else None
