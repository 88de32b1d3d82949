"""Serve models on this machine; torch and transformers are imported when one is loaded."""

from madang.inference.local import LocalBackend

__all__ = ["LocalBackend"]
