"""What a persona asks of a model: a prompt in segments, each tagged with its turn."""

from typing import Literal

import msgspec

SegmentKind = Literal["head", "turn", "tail"]
PromptKind = Literal["chat", "completion"]
ChatRole = Literal["system", "user", "assistant"]


class Part(msgspec.Struct, frozen=True, array_like=True):
    """Hold a stretch of text; `quoted` text was written by people or models, not by the form.

    Quoted text must never act as a control token or a role marker; the worker sees to that.
    """

    text: str
    quoted: bool = False


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what one turn adds to a prompt: the head and the tail stay, a turn may be dropped.

    `turn` names the exchange the segment belongs to: segments of one exchange (a question and
    its answer) carry the same tag and are dropped together.
    """

    kind: SegmentKind
    role: ChatRole
    parts: tuple[Part, ...]
    turn: str = ""

    @property
    def text(self) -> str:
        """Join the parts."""
        return "".join(part.text for part in self.parts)


class Prompt(msgspec.Struct, frozen=True):
    """Hold a whole prompt; `chat` goes through the model's template, `completion` as it is.

    `stripped` takes white space off both ends of what the template made, as some models were
    trained.
    """

    kind: PromptKind
    segments: tuple[Segment, ...]
    stripped: bool = False

    @property
    def text(self) -> str:
        """Join the text of all segments: for a completion, exactly what the model reads."""
        return "".join(segment.text for segment in self.segments)
