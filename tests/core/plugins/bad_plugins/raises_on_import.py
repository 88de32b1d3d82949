"""Raise while being imported."""

raise ValueError("the moon is in the wrong phase")
