"""One request inside the engine."""

from dataclasses import dataclass, field


@dataclass(eq=False, slots=True, kw_only=True)
class Sequence:
    """Be one request inside the engine.

    The scheduler keeps everything from `arrival` on, and appends the output to `tokens`.
    """

    tokens: list[int]
    """The prompt, then the output known so far."""
    prompt_length: int
    limit: int
    """Tokens of prompt and answer together, at most."""
    adapter: str = ""
    """What the KV cache is computed with, and thus never shared across; "" is the base."""
    priority: int = 0
    """Lower goes first; equal ones go by arrival."""

    arrival: int = 0
    computed: int = 0
    """Positions whose K and V are in the cache, or will be after the steps in flight."""
    pending: int = 0
    """Tokens that steps in flight sample, not known yet."""
    blocks: list[int] = field(default_factory=list)
    """The block table; who loses its blocks keeps the list, unused, until it is admitted again."""
    registered: int = 0
    """Blocks at the start of the table that others may reuse."""
    cached: int = 0
    """Tokens of the prompt that were found in the cache when it was first admitted."""
    preemptions: int = 0

    @property
    def length(self) -> int:
        """Count the tokens, those not known yet included."""
        return len(self.tokens) + self.pending

    @property
    def output(self) -> int:
        """Count the output tokens known so far."""
        return len(self.tokens) - self.prompt_length
