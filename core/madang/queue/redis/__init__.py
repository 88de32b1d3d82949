"""A queue between processes, on Redis or Valkey."""

from madang.queue.redis.queue import RedisQueue
from madang.queue.redis.terms import Terms

__all__ = ["RedisQueue", "Terms"]
