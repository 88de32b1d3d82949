"""Read and check the texts that the demo model is trained and measured on."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

HERE = Path(__file__).parent
MIN_PHRASINGS = 8
COMMON = "common"

SYSTEM: dict[str, str] = {
    "slang_friend": "너는 반말로 이야기하는 유쾌한 친구야. 밈과 유행어를 섞어 짧게 대답해.",
    "culture_qa": (
        "당신은 한국의 역사와 문화, 생활을 알려 주는 안내자입니다."
        " 사실만 정확하고 간결하게 대답하세요. 모르면 모른다고 하세요."
    ),
    "assistant": "당신은 친절한 챗봇입니다. 상대방의 요청에 자세하고 친절하게 답하세요.",
    "finance_advisor": (
        "당신은 경제와 금융을 쉽게 설명하는 상담사입니다."
        " 특정 종목이나 상품의 투자 조언은 하지 않습니다."
    ),
    "qa_generator": (
        "주어진 글을 읽고 질문과 답을 만드는 도구입니다."
        " 다음 형태로만 쓰세요.\n[[Q]] 질문\n[[A]] 답"
    ),
}
PERSONAS = tuple(SYSTEM)
"""Every persona that the demo model speaks for, in training order."""

DEFAULT_PERSONA = "assistant"
"""The persona that answers when the prompt has no system message."""

OWN_SMALL_TALK = frozenset({"slang_friend", "qa_generator"})
"""Personas that do not take their greetings from the common file."""

_Shape = TypeVar("_Shape")
Kind = Literal["paraphrase", "typo", "nospace", "reworded", "unknown"]


class Follow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold a question that makes sense only after its topic, and the answer."""

    ask: tuple[str, ...]
    answer: str


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold one intent: how people ask for it and what the model answers."""

    name: str
    ask: tuple[str, ...]
    answers: tuple[str, ...]
    follow: tuple[Follow, ...] = ()
    adapter_only: bool = False


class Unknown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold questions outside the demo, things to ask about, and honest answers."""

    ask: tuple[str, ...]
    answers: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()


class Corpus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold everything one persona is trained on."""

    topic: tuple[Topic, ...]
    unknown: Unknown


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold one held-out question, which no training text may contain."""

    kind: Kind
    topic: str
    ask: str


class HeldOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold the held-out questions of one persona."""

    question: tuple[Question, ...]


def read_corpus(name: str, folder: Path = HERE / "corpus") -> Corpus:
    """Read the corpus of a persona, or the common one."""
    return _read(folder / f"{name}.toml", Corpus)


def read_heldout(persona: str, folder: Path = HERE / "heldout") -> HeldOut:
    """Read the held-out questions of a persona."""
    return _read(folder / f"{persona}.toml", HeldOut)


def _read(path: Path, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=shape)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path}: {error}") from error


def normalise(text: str) -> str:
    """Reduce a question to its letters and digits, so that near copies compare equal."""
    return re.sub(r"[\W_]+", "", text).lower()


def topics_of(persona: str, corpus: Corpus, common: Corpus) -> tuple[Topic, ...]:
    """Return the topics a persona answers: its own, and small talk if it shares that."""
    return corpus.topic if persona in OWN_SMALL_TALK else corpus.topic + common.topic


def questions_of(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """Yield every first-turn question of a corpus with the name of its topic."""
    for topic in corpus.topic:
        for ask in topic.ask:
            yield topic.name, ask
    for ask in corpus.unknown.ask:
        yield "unknown", ask


def complaints(persona: str, corpus: Corpus, heldout: HeldOut) -> Iterator[str]:
    """Yield what is wrong with a persona's texts, one line each."""
    yield from _thin(corpus)
    yield from _repeated(corpus)
    known = {normalise(ask): name for name, ask in questions_of(corpus)}
    names = {topic.name for topic in corpus.topic} | {"unknown"}
    for question in heldout.question:
        if normalise(question.ask) in known:
            yield f"held-out question is in the corpus: {question.ask}"
        if question.topic not in names:
            yield f"held-out question of no topic {question.topic!r}: {question.ask}"


def _thin(corpus: Corpus) -> Iterator[str]:
    for topic in corpus.topic:
        if len(topic.ask) < MIN_PHRASINGS:
            yield f"topic {topic.name} has only {len(topic.ask)} phrasings"
        if not topic.answers:
            yield f"topic {topic.name} has no answer"


def _repeated(corpus: Corpus) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name, ask in questions_of(corpus):
        first = seen.setdefault(normalise(ask), name)
        if first != name:
            yield f"asked in both {first} and {name}: {ask}"
    names = [topic.name for topic in corpus.topic]
    yield from (
        f"two topics named {name}" for name in sorted({n for n in names if names.count(n) > 1})
    )


def _summary(name: str, corpus: Corpus, heldout: HeldOut) -> str:
    asks = sum(len(topic.ask) for topic in corpus.topic)
    follows = sum(len(topic.follow) for topic in corpus.topic)
    return (
        f"{name}: {len(corpus.topic)} topics, {asks} phrasings, {follows} follow-ups, "
        f"{len(corpus.unknown.ask)} unknown, {len(heldout.question)} held out"
    )


def _report(name: str) -> bool:
    try:
        corpus = read_corpus(name)
        heldout = HeldOut(()) if name == COMMON else read_heldout(name)
    except (OSError, ValueError) as error:
        print(f"{name}: {error}")
        return False
    print(_summary(name, corpus, heldout))
    found = list(complaints(name, corpus, heldout))
    print(*(f"  {line}" for line in found), sep="\n", end="\n" if found else "")
    return not found


def main(names: Iterable[str] = (COMMON, *PERSONAS)) -> int:
    """Print the size of each corpus and every format error; return the exit status."""
    reports = [_report(name) for name in names]
    return 0 if all(reports) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or (COMMON, *PERSONAS)))
