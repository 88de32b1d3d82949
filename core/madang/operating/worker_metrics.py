"""What a worker tells Prometheus: how its models fare when it is asked, and each answer's end."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from madang.contract import Request
from madang.worker import Pool
from madang.worker.report import ModelReport, WorkerReport

Labelled = CounterMetricFamily | GaugeMetricFamily
Figures = Mapping[str, tuple[str, Callable[[ModelReport], float]]]

SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)

NOW: Figures = {
    "loaded": ("Whether the model is loaded.", lambda model: model.loaded),
    "slots": ("How many answers are generated side by side at most.", lambda model: model.slots),
    "running": ("Answers that were taken and have not ended.", lambda model: model.running),
    "waiting": ("Answers that wait in the backend.", lambda model: model.metrics.waiting),
    "kv_blocks": ("Blocks of the KV cache.", lambda model: model.metrics.blocks),
    "kv_blocks_used": ("Blocks of it in use.", lambda model: model.metrics.used_blocks),
    "tokens_per_second": (
        "Tokens generated a second, over the last ten seconds.",
        lambda model: model.metrics.tokens_per_second,
    ),
    "first_token_seconds": (
        "Median wait of the last answers for their first token.",
        lambda model: model.metrics.first_token_seconds,
    ),
}
SINCE_LOADED: Figures = {
    "prompt_tokens": ("Prompt tokens computed.", lambda model: model.metrics.prompt_tokens),
    "cached_tokens": (
        "Prompt tokens found in the KV cache.",
        lambda model: model.metrics.cached_tokens,
    ),
    "generated_tokens": ("Tokens generated.", lambda model: model.metrics.output_tokens),
    "preemptions": (
        "Answers put back for want of blocks.",
        lambda model: model.metrics.preemptions,
    ),
}


class WorkerMeter:
    """Count the answers that a worker takes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "madang_worker_answers",
            "Answers that were taken, by how they ended here.",
            ["model", "class", "reason"],
            registry=registry,
        )
        self._seconds = Histogram(
            "madang_worker_answer_seconds",
            "From taking a request to the end of its answer, the load of its model included.",
            ["model", "class"],
            buckets=SECONDS,
            registry=registry,
        )

    def served(self, request: Request, reason: str, seconds: float) -> None:
        """Count one answer."""
        self._answers.labels(request.model, request.request_class, reason).inc()
        self._seconds.labels(request.model, request.request_class).observe(seconds)


class ReportCollector(Collector):
    """Give what a worker reports at the moment it is asked.

    Names that share a backend share its figures: the label `model` lists them with commas.
    """

    def __init__(self, report: Callable[[], WorkerReport], pool: Pool) -> None:
        self._report = report
        self._pool = pool

    def collect(self) -> Iterator[InfoMetricFamily | Labelled]:
        """Make the figures of one report."""
        report = self._report()
        about = {"worker": report.worker, "host": report.host, "version": report.version}
        yield InfoMetricFamily("madang_worker", "Which worker this is.", about)
        yield _plain("started_timestamp_seconds", "When the worker started.", report.started)
        yield _plain("draining", "Whether the worker takes nothing more.", report.draining)
        loads: Figures = {
            "loads": ("Loads of the model.", lambda model: self._pool.loads(model.models[0]))
        }
        yield from _labelled(report, GaugeMetricFamily, NOW)
        yield from _labelled(report, CounterMetricFamily, {**SINCE_LOADED, **loads})


def _plain(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"madang_worker_{name}", meaning, value)


def _labelled(report: WorkerReport, kind: type[Labelled], figures: Figures) -> Iterator[Labelled]:
    for name, (meaning, value) in figures.items():
        family = kind(f"madang_model_{name}", meaning, labels=["model"])
        for model in report.models:
            family.add_metric([",".join(model.models)], value(model))
        yield family
