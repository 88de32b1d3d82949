"""What a bot process tells Prometheus: the answers on their way, and how they came out."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from madang.conversation import Reply, Update

FIRST_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0)
WHOLE_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)


class BotMeter:
    """Follow each answer as a bot does, and count what people get to see."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._running = Gauge(
            "madang_bot_answers_running", "Answers on their way.", ["bot"], registry=registry
        )
        self._answers = Counter(
            "madang_bot_answers",
            "Answers, by how they ended.",
            ["bot", "persona", "state"],
            registry=registry,
        )
        self._problems = Counter(
            "madang_bot_problems",
            "Questions that were refused and answers that failed, by the code of the error.",
            ["bot", "code"],
            registry=registry,
        )
        self._prompt = _tokens("prompt", "Tokens of prompts.", registry)
        self._output = _tokens("output", "Tokens of answers.", registry)
        self._first = _seconds(
            "first_text", "From the question to the first text.", FIRST_SECONDS, registry
        )
        self._whole = _seconds(
            "answer", "From the question to the end of the answer.", WHOLE_SECONDS, registry
        )

    async def follow(self, reply: Reply) -> None:
        """Follow one answer to its end, however it ends."""
        bot, begun, first = reply.place.bot, time.monotonic(), True
        with self._running.labels(bot).track_inprogress():
            async for update in reply.updates():
                if update.text and first:
                    first = False
                    self._first.labels(bot).observe(time.monotonic() - begun)
        self._count(bot, reply.persona.name, reply.latest)
        self._whole.labels(bot).observe(time.monotonic() - begun)

    def refused(self, bot: str, code: str) -> None:
        """Count what was refused before there was an answer."""
        self._problems.labels(bot, code).inc()

    def _count(self, bot: str, persona: str, final: Update) -> None:
        self._answers.labels(bot, persona, final.state.value).inc()
        self._prompt.labels(bot, persona).inc(final.usage.prompt)
        self._output.labels(bot, persona).inc(final.usage.output)
        if final.problem:
            self.refused(bot, final.problem.code)


def _tokens(name: str, meaning: str, registry: CollectorRegistry) -> Counter:
    return Counter(f"madang_bot_{name}_tokens", meaning, ["bot", "persona"], registry=registry)


def _seconds(
    name: str, meaning: str, buckets: tuple[float, ...], registry: CollectorRegistry
) -> Histogram:
    return Histogram(
        f"madang_bot_{name}_seconds", meaning, ["bot"], buckets=buckets, registry=registry
    )
