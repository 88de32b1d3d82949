"""The worker: takes requests from the queue and has backends answer them."""

from madang.worker.pool import Budget, Pool
from madang.worker.worker import Worker
from madang.worker.working import working

__all__ = ["Budget", "Pool", "Worker", "working"]
