"""Find the words that tell a topic, and the frames around them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from madang.demo.corpus import Topic
from madang.demo.variants import has_final

PARTICLES = (
    *("에서는", "으로는", "에서", "으로", "에게", "이랑", "하고", "까지", "부터", "처럼", "보다"),
    *("이란", "은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과", "랑", "도", "만"),
)
PAIRED = (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("이랑", "랑"), ("이란", "란"))
"""Particles that follow a final consonant, and their partners that follow a vowel."""

COMMON_ENOUGH = 0.15
OWN_ENOUGH = 0.6


class Frame(NamedTuple):
    """Hold what stands before and after a keyword in a question."""

    topic: str
    before: str
    after: str

    def around(self, noun: str) -> str:
        """Put another noun into the frame, with the particle that fits it."""
        final = has_final(noun)
        for pair in PAIRED:
            for particle in pair:
                if self.after.startswith((f"{particle} ", f"{particle}?")):
                    rest = self.after[len(particle) :]
                    return f"{self.before}{noun}{pair[0 if final else 1]}{rest}"
        return f"{self.before}{noun}{self.after}"


def stem(word: str) -> str:
    """Return a word without its particle and punctuation."""
    word = word.strip("?!.,~ ")
    for particle in PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word[: -len(particle)]
    return word


def keywords(topics: Sequence[Topic]) -> dict[str, tuple[str, ...]]:
    """Return, for every topic, the stems that are frequent there and rare elsewhere."""
    counts = {topic.name: Counter(_stems(topic)) for topic in topics}
    total: Counter[str] = sum(counts.values(), Counter())
    return {
        topic.name: tuple(
            word
            for word, count in counts[topic.name].items()
            if len(word) > 1
            and count >= max(2, COMMON_ENOUGH * len(topic.ask))
            and count >= OWN_ENOUGH * total[word]
        )
        for topic in topics
    }


def _stems(topic: Topic) -> Iterator[str]:
    for ask in topic.ask:
        yield from sorted({stem(word) for word in ask.split()})


def frames(topics: Sequence[Topic], telling: dict[str, tuple[str, ...]]) -> list[Frame]:
    """Return the surroundings of every keyword that is the only one in its question."""
    return [
        Frame(topic.name, *ask.split(found[0], 1))
        for topic in topics
        for ask in topic.ask
        if len(found := [word for word in telling[topic.name] if word in ask]) == 1
    ]


def shortened(rng: random.Random, ask: str, telling: Sequence[str]) -> str:
    """Leave out one word of a question that keeps a keyword of its topic."""
    words = ask.split()
    spare = [i for i, word in enumerate(words) if not any(key in word for key in telling)]
    if len(words) < 3 or not spare or len(spare) == len(words):
        return ask
    words.pop(rng.choice(spare))
    return " ".join(words)
