"""What bots share to bring answers to a platform: splitting, pacing, and messages that grow."""

from madang.delivery.budget import Budget
from madang.delivery.growing import Gone, Growing, Missing, Surface
from madang.delivery.lane import Lane, Priority, TooFast
from madang.delivery.split import closed, split, utf16

__all__ = [
    "Budget",
    "Gone",
    "Growing",
    "Lane",
    "Missing",
    "Priority",
    "Surface",
    "TooFast",
    "closed",
    "split",
    "utf16",
]
