"""Everything that a process tells Prometheus, on one page."""

from collections.abc import Callable
from functools import cached_property

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from madang.contract import Request
from madang.conversation import Deliver
from madang.errors import MadangError
from madang.operating.bot_metrics import BotMeter
from madang.operating.health import Health, why_not
from madang.operating.monitor import Monitor
from madang.operating.page import Check, Page, Pages
from madang.operating.worker_metrics import ReportCollector, WorkerMeter
from madang.worker import Pool, Worker


class Meters(Monitor):
    """Count for Prometheus: the process itself, its worker and its bots.

    Labels are names from the profile and from this code only, never people or conversations.
    """

    def __init__(self, queue: Check) -> None:
        # When a series began is of no use, and would be one more series for each.
        forget: Callable[[], None] = disable_created_metrics
        forget()
        self._health = Health({"queue": queue})
        self._queue = queue
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._queue_up = Gauge(
            "madang_queue_up", "Whether the queue can be reached.", registry=self._registry
        )

    @property
    def pages(self) -> Pages:
        """Return what is served, by path."""
        return {
            "/metrics": self._metrics,
            "/healthz": self._health.healthz,
            "/readyz": self._health.readyz,
        }

    def ready(self, **checks: Check) -> None:
        """Let these checks decide too."""
        self._health.ready(checks)

    @property
    def follow(self) -> Deliver | None:
        """Return what counts the answers of the bots."""
        return self._bot.follow

    def refused(self, bot: str, error: MadangError) -> None:
        """Count a refusal."""
        self._bot.refused(bot, error.code)

    def served(self, request: Request, reason: str, seconds: float) -> None:
        """Count an answer of the worker."""
        self._worker.served(request, reason, seconds)

    def watch(self, worker: Worker, pool: Pool) -> None:
        """Collect the worker's reports, and its pool's loads."""
        self._registry.register(ReportCollector(worker.report, pool))

    @cached_property
    def _bot(self) -> BotMeter:
        return BotMeter(self._registry)

    @cached_property
    def _worker(self) -> WorkerMeter:
        return WorkerMeter(self._registry)

    async def _metrics(self) -> Page:
        self._queue_up.set(not await why_not(self._queue))
        return Page(200, generate_latest(self._registry), CONTENT_TYPE_LATEST)
