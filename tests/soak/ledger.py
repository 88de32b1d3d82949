"""The books of a soak: what was asked where, and what people may see of it in the end."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.soak.talker import BROKEN, HEAD, KEY, LOST, Wording, answer

from madang.texts import Texts

MARKUP = re.compile(r"```\w*|[*`~]|\s+")
WORDS = Texts.of("madang_discord", "ko").words
ENDINGS = tuple(
    WORDS[key] for key in ("answer.stopped", "problem.model_error", "problem.worker_lost")
)


@dataclass(kw_only=True, eq=False)
class Question:
    """Hold a question; `talk` is the conversation it belongs to, `secret` that of its place.

    `fine` are the wordings whose answer may stand. One that `may_stop` may have been stopped, one
    that `may_lack` may have no answer, and one that is `gone` must have none.
    """

    number: int
    place: str
    talk: str
    secret: str
    who: str
    version: int = 0
    fine: set[int] = field(default_factory=lambda: {0})
    may_stop: bool = False
    may_lack: bool = False
    gone: bool = False

    @property
    def text(self) -> str:
        """Return what is typed."""
        return f"Q{self.number}.{self.version} 무엇일까요? S{self.secret};"


@dataclass(kw_only=True)
class Ledger:
    """Keep all questions, and compare what is shown with them."""

    questions: list[Question] = field(default_factory=list)
    latest: dict[str, Question] = field(default_factory=dict)
    _touched: list[tuple[float, Question]] = field(default_factory=list)

    def ask(self, *, place: str, talk: str, secret: str, who: str) -> Question:
        """Note that somebody asks; what they edited before in this talk may be too late."""
        number = len(self.questions) + 1
        question = Question(number=number, place=place, talk=talk, secret=secret, who=who)
        self.questions.append(question)
        before = self.latest.get(talk)
        if before is not None:
            before.fine |= set(range(before.version + 1))
        self.latest[talk] = question
        self.touch(question)
        return question

    def reword(self, question: Question, *, heard: bool) -> str:
        """Note that somebody edits a question; return what it says now."""
        question.version += 1
        self.touch(question)
        if heard and self.latest.get(question.talk) is question:
            question.fine = {question.version}
        else:
            question.fine |= {question.version}
        return question.text

    def delete(self, question: Question, *, heard: bool) -> None:
        """Note that somebody deletes a question."""
        self.touch(question)
        question.gone, question.may_lack = heard, True

    def begin_anew(self, talk: str) -> None:
        """Note that somebody resets a conversation: what waits there may be dropped."""
        self.latest.pop(talk, None)
        for question in self.of(talk):
            question.fine |= set(range(question.version + 1))
            question.may_stop = question.may_lack = True

    def lately(self, seconds: float) -> list[Question]:
        """List the questions about which something was done lately."""
        since = time.monotonic() - seconds
        return [question for at, question in self._touched if at >= since]

    def forgive(self, seconds: float) -> list[Question]:
        """Return what was done lately, of which a process that dies may know nothing."""
        lately = self.lately(seconds)
        for question in lately:
            question.fine |= set(range(question.version + 1))
            question.may_lack |= question.gone
            question.gone = False
        return lately

    def touch(self, question: Question) -> None:
        """Note that something was done about a question just now."""
        self._touched.append((time.monotonic(), question))

    def of(self, talk: str) -> list[Question]:
        """List what was asked in a conversation."""
        return [each for each in self.questions if each.talk == talk]

    def about(self, text: str) -> list[Question]:
        """List the questions that a message answers."""
        numbers = [each.number for group in grouped([text]) for each in group.asked]
        return [self.questions[number - 1] for number in numbers]

    def unfinished(self, place: str, texts: Sequence[str]) -> list[Question]:
        """List the questions of a place whose answer is not whole among some messages."""
        whole = {asked for group in grouped(texts) if group.whole for asked in group.asked}
        here = [each for each in self.questions if each.place == place]
        return [each for each in here if Wording(each.number, each.version) not in whole]

    def check(self, place: str, secret: str, texts: Sequence[str]) -> Iterator[str]:
        """Say what is wrong with the messages of the bot that stand in a place."""
        seen: dict[int, list[Group]] = defaultdict(list)
        here = {each.number: each for each in self.questions if each.place == place}
        for group in grouped(texts):
            stray = [each for each in group.asked if each.number not in here]
            if stray or set(group.secrets) - {secret}:
                yield f"{place}: of another place: {group.text!r}"
            for each in group.asked:
                seen[each.number].append(group)
            yield from self._damage(place, group)
        for number, question in here.items():
            yield from _wrong(question, seen[number])

    def _damage(self, place: str, group: "Group") -> Iterator[str]:
        asked = [self.questions[each.number - 1] for each in group.asked]
        if asked and all(each.gone for each in asked):
            yield f"{place}: answers what was deleted: {group.text!r}"
        may_end = any(each.may_stop for each in asked) or group.breaks
        if not (group.whole or (may_end and group.begun)):
            yield f"{place}: damaged: {group.text!r}"


@dataclass(kw_only=True)
class Group:
    """Be the messages of one answer, put together."""

    key: str
    text: str

    @property
    def asked(self) -> list[Wording]:
        """List the wordings that it answers."""
        pairs = [each.split(".") for each in self.key.split(",")]
        return [Wording(int(number), int(version)) for number, version in pairs]

    @property
    def secrets(self) -> list[str]:
        """List the secrets that it tells."""
        found = HEAD.search(self.text)
        return found[1].split() if found else []

    @property
    def breaks(self) -> bool:
        """Say whether the model breaks off in it."""
        return self.asked[-1].number % BROKEN == 0

    @property
    def whole(self) -> bool:
        """Say whether it is all there, once."""
        return _plain(self.text) == self._wanted

    @property
    def begun(self) -> bool:
        """Say whether it is all there up to where it ends."""
        return self._wanted.startswith(_plain(self.text))

    @property
    def _wanted(self) -> str:
        return _plain(answer(self.asked, self.secrets))


def grouped(texts: Sequence[str]) -> list[Group]:
    """Put the messages of each answer together, in their order, without words of the bot itself.

    What answers nothing is left out, and what was stopped before it said what it answers.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        own = _without_words(text)
        key = KEY.search(own)
        if key:
            found[key[1]].append(own)
    groups = [Group(key=key, text="\n".join(parts)) for key, parts in found.items()]
    return [each for each in groups if HEAD.search(each.text)]


def _wrong(question: Question, groups: Sequence[Group]) -> Iterator[str]:
    name = f"{question.place}: {question.who} Q{question.number}.{question.version}"
    if len(groups) > 1:
        yield f"{name} has {len(groups)} answers: {[each.key for each in groups]}"
    versions = {w.version for each in groups for w in each.asked if w.number == question.number}
    if not question.gone and versions - question.fine:
        yield f"{name} is answered as {versions}, not {question.fine}"
    if not (groups or question.gone or question.may_lack or question.may_stop):
        yield f"{name} has no answer"


def idle(text: str) -> bool:
    """Say whether a message of the bot still waits for its text."""
    return text.strip() == "…" or text.startswith("💭") or text.strip() == LOST


def _without_words(text: str) -> str:
    """Cut off what the bot itself says under an answer."""
    kept = [line for line in text.splitlines() if not line.startswith("-# ")]
    text = "\n".join(kept).rstrip()
    for words in ENDINGS:
        text = text.removesuffix(words).rstrip()
    return text


def _plain(text: str) -> str:
    return MARKUP.sub("", text)
