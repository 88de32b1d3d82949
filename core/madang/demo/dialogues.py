"""Make the training dialogues of the demo model from its corpora."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from madang.demo import keywords, variants
from madang.demo.corpus import (
    COMMON,
    DEFAULT_PERSONA,
    OWN_SMALL_TALK,
    PERSONAS,
    SYSTEM,
    Corpus,
    Topic,
    normalise,
    questions_of,
    read_corpus,
    read_heldout,
    topics_of,
)

READER = "qa_generator"
"""The persona whose questions are passages, which are not put into question frames."""

EARLIER_TURNS = (0, 0, 0, 0, 0, 1, 1, 1, 2, 3)
LONG_TALK = 0.005
"""How many dialogues go on for long, so that late positions are trained too."""

NEWS = 4
"""How much oftener an adapter hears of a topic that the base lacks than of the others."""

CROSSED = 0.02
"""How many questions are put into a frame of another topic, so that the keyword decides."""

SHORTENED = 0.05
LIKENESS = 0.5
"""The share of letter pairs above which a stranger's question is too close to an own one."""


class Exchange(NamedTuple):
    """Hold one question of the user and the answer to learn."""

    ask: str
    answer: str


class Dialogue(NamedTuple):
    """Hold one conversation under one system prompt, or none."""

    system: str | None
    turns: tuple[Exchange, ...]


class Texts(NamedTuple):
    """Hold all corpora and every held-out question in its normalised form."""

    personas: dict[str, Corpus]
    common: Corpus
    heldout: frozenset[str]


def read_texts() -> Texts:
    """Read the corpora and held-out questions of all personas."""
    questions = (q.ask for persona in PERSONAS for q in read_heldout(persona).question)
    return Texts(
        {persona: read_corpus(persona) for persona in PERSONAS},
        read_corpus(COMMON),
        frozenset(map(normalise, questions)),
    )


def _bigrams(text: str) -> frozenset[str]:
    plain = normalise(text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= LIKENESS * max(1, min(len(one), len(other)))


class Writer:
    """Write the dialogues of one persona, all decided by one random generator."""

    def __init__(
        self, persona: str, texts: Texts, rng: random.Random, *, with_adapter: bool
    ) -> None:
        self.rng = rng
        self._persona = persona
        self._heldout = texts.heldout
        corpus = texts.personas[persona]
        answered = topics_of(persona, corpus, texts.common)
        self._topics = [t for t in corpus.topic if not t.adapter_only]
        if with_adapter:
            self._topics += [t for t in corpus.topic if t.adapter_only] * NEWS
        self._telling = keywords.keywords(answered)
        self._frames = keywords.frames(answered, self._telling)
        self._talk = [] if persona in OWN_SMALL_TALK else list(texts.common.topic)
        self._own_asks = [ask for topic in answered for ask in topic.ask]
        self._unknown = list(corpus.unknown.ask)
        self._refusals = corpus.unknown.answers
        self._foreign = list(self._strangers(persona, texts))
        self._nouns = self._strange_nouns(texts)
        self._syllables = "".join(sorted({c for ask in self._own_asks for c in ask if c.isalpha()}))

    def _strangers(self, persona: str, texts: Texts) -> Iterator[str]:
        """Yield what is asked of others and is not close to anything asked here."""
        own = [_bigrams(ask) for ask in self._own_asks]
        others = [texts.personas[name] for name in PERSONAS if name != persona]
        asks = [ask for corpus in others for _, ask in questions_of(corpus)]
        asks += texts.common.unknown.ask
        if persona == READER:
            asks += [ask for topic in texts.common.topic for ask in topic.ask]
        for ask in asks:
            pairs = _bigrams(ask)
            if len(pairs) > 2 and not any(_alike(pairs, mine) for mine in own):
                yield ask

    def _strange_nouns(self, texts: Texts) -> list[str]:
        asked = normalise(" ".join(self._own_asks))
        return [noun for noun in texts.common.unknown.nouns if normalise(noun) not in asked]

    def dialogue(self) -> Dialogue:
        """Write one dialogue of one to about five exchanges."""
        turns: list[Exchange] = []
        earlier = self.rng.choice(EARLIER_TURNS)
        if self.rng.random() < LONG_TALK:
            earlier = self.rng.randint(6, 12)
        for _ in range(1 + earlier):
            turns += self._exchanges()
        return Dialogue(self._system(), tuple(turns))

    def _system(self) -> str | None:
        bare = self._persona == DEFAULT_PERSONA and self.rng.random() < 0.4
        return None if bare else SYSTEM[self._persona]

    def _exchanges(self) -> list[Exchange]:
        roll = self.rng.random()
        if roll < 0.25:
            return [Exchange(self._asked(self._stranger()), self.rng.choice(self._refusals))]
        if roll < 0.37 and self._talk:
            return [self._opening(self.rng.choice(self._talk))]
        topic = self.rng.choice(self._topics)
        return [self._opening(topic), *self._follow_ups(topic)]

    def _opening(self, topic: Topic) -> Exchange:
        ask = self._asked(self._phrasing(topic))
        return Exchange(ask, self.rng.choice(topic.answers))

    def _phrasing(self, topic: Topic) -> str:
        telling = self._telling[topic.name]
        if self._persona == READER or not telling:
            return self.rng.choice(topic.ask)
        roll = self.rng.random()
        if roll < CROSSED:
            return self.rng.choice(self._frames).around(self.rng.choice(telling))
        ask = self.rng.choice(topic.ask)
        return keywords.shortened(self.rng, ask, telling) if roll > 1 - SHORTENED else ask

    def _follow_ups(self, topic: Topic) -> Iterator[Exchange]:
        for follow in topic.follow:
            if self.rng.random() < 0.4:
                yield Exchange(self._asked(self.rng.choice(follow.ask)), follow.answer)

    def _stranger(self) -> str:
        """Return a question that this persona cannot answer."""
        roll = self.rng.random()
        if roll < 0.05:
            return variants.gibberish(self.rng)
        if self._persona == READER:
            return self.rng.choice(self._unknown if roll < 0.75 else self._foreign)
        if roll < 0.4:
            return self.rng.choice(self._unknown)
        if roll < 0.72:
            return self.rng.choice(self._foreign)
        noun = self._strange_noun()
        if roll < 0.77 and self._frames:
            return self.rng.choice(self._frames).around(noun)
        return variants.reframed(self.rng, noun)

    def _strange_noun(self) -> str:
        if self.rng.random() < 0.07:
            return variants.pseudo_noun(self.rng, self._syllables)
        return self.rng.choice(self._nouns)

    def _asked(self, ask: str) -> str:
        """Put a question in another way that is not one of the held-out ones."""
        change = self._reread if self._persona == READER else variants.vary
        for _ in range(8):
            asked = change(self.rng, ask)
            if normalise(asked) not in self._heldout:
                return asked
        return ask

    @staticmethod
    def _reread(rng: random.Random, passage: str) -> str:
        sentences = passage.split(". ")
        if len(sentences) > 2 and rng.random() < 0.15:
            sentences.pop(rng.randrange(1, len(sentences)))
        passage = ". ".join(sentences)
        if rng.random() < 0.1:
            passage = variants.respaced(rng, passage)
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            passage = variants.typo(rng, passage)
        return passage


def write_base(texts: Texts, count: int, seed: int) -> list[Dialogue]:
    """Write the dialogues that the base model learns, all personas mixed."""
    rng = random.Random(seed)
    writers = [Writer(name, texts, rng, with_adapter=False) for name in PERSONAS]
    # Who has more to say is heard more often.
    weights = [sum(len(topic.ask) for topic in texts.personas[name].topic) for name in PERSONAS]
    return [writer.dialogue() for writer in rng.choices(writers, weights, k=count)]


def write_persona(persona: str, texts: Texts, count: int, seed: int) -> list[Dialogue]:
    """Write the dialogues that one persona's adapter learns."""
    writer = Writer(persona, texts, random.Random(seed), with_adapter=True)
    return [writer.dialogue() for _ in range(count)]


def assert_held_out(dialogues: list[Dialogue], heldout: frozenset[str]) -> None:
    """Refuse to train on a question that the model will be measured on."""
    asked = {normalise(turn.ask) for dialogue in dialogues for turn in dialogue.turns}
    if leaked := asked & heldout:
        raise ValueError(f"held-out questions in the training set: {sorted(leaked)[:5]}")
