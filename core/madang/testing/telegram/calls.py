"""Calls: what the bot asked of the service, and how that went."""

from dataclasses import dataclass, field

from madang.testing.telegram.params import Params


@dataclass(kw_only=True, eq=False)
class Call:
    """Record one call; times are the service's, and `code` is 0 until it is answered."""

    method: str
    chat_id: int
    params: Params
    began: float
    ended: float = 0.0
    code: int = 0
    description: str = ""
    fault: str = ""
    ignored: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Print it on one line."""
        why = f" {self.description}" if self.description else ""
        fault = f" ({self.fault})" if self.fault else ""
        return f"{self.method} {self.chat_id or ''} {self.code or '…'}{why}{fault}"
