"""The worker: takes requests from the queue and has backends answer them."""

from madang.worker.worker import Worker

__all__ = ["Worker"]
