"""Queues between bots and workers; each is a `Queue` of the contract."""

from madang.queue.local import LocalQueue

__all__ = ["LocalQueue"]
