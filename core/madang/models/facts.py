"""What is known of a published model beforehand, to compare its real files with.

Each `facts/NAME.toml` holds what model cards and public sources say. What they do not say for
sure is listed under `guesses`: real files that differ there give a warning, not a failure.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from madang.contract import Model, Sampling
from madang.errors import ModelError, nearest
from madang.inference.source import HUB_NAME, pinned
from madang.toml import parse, read_table

Number = int | float | str | bool


class Pipeline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name the kinds of the tokenizer's steps, such as `Sequence(Split, ByteLevel)` or `none`.

    `any` means that there is one, of whatever kind.
    """

    model: str = ""
    normalizer: str = ""
    pre_tokenizer: str = ""


class Rendering(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what the chat template makes of messages, each of them a role and a content."""

    messages: tuple[tuple[str, str], ...]
    text: str


class AdapterFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what an adapter is: its base, its rank and what it attaches to; empty is not known."""

    base: str
    rank: int = 0
    alpha: float = 0
    targets: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold a sample question of the card, as a whole prompt, and for which adapter it is."""

    kind: Literal["chat", "completion"]
    text: str
    adapter: str = ""
    stripped: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold the facts of one model; `tensors` are names that its weights must have.

    `config` are values of config.json, inner ones with dots in their names. `adapters` are by
    hub repository.
    """

    title: str
    sources: tuple[str, ...]
    architecture: str
    licence: str = ""
    config: dict[str, Number] = {}
    bos: int | None = None
    eos: tuple[int, ...] = ()
    pad: int | None = None
    tokens: dict[str, int] = {}
    pipeline: Pipeline = Pipeline()
    renderings: tuple[Rendering, ...] = ()
    tensors: tuple[str, ...] = ()
    adapters: dict[str, AdapterFacts] = {}
    questions: tuple[Question, ...] = ()
    sampling: Sampling = Sampling()
    guesses: tuple[str, ...] = ()

    def is_guess(self, key: str) -> bool:
        """Say whether a fact, such as `config.rope_theta`, is one that real files may correct."""
        return any(key == guess or key.startswith(f"{guess}.") for guess in self.guesses)


def known_facts() -> dict[str, Facts]:
    """Read the facts that come with madang, by name."""
    folder = files("madang.models") / "facts"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".toml"))
    return {
        name.removesuffix(".toml"): _read((folder / name).read_text("utf-8"), name)
        for name in names
    }


def facts_for(name: str, model: Model, chosen: str = "") -> Facts | None:
    """Return the facts of a model: those chosen by name or file, else by source or table name.

    A folder named as the repository counts as its copy. None when nothing is known of it.
    """
    known = known_facts()
    if chosen.endswith(".toml"):
        return _read(Path(chosen).read_text("utf-8"), chosen)
    if chosen and chosen not in known:
        raise ModelError(f"There are no facts called '{chosen}'.", nearest(chosen, known))
    return known[chosen] if chosen else next(_matching(name, model, known), None)


def _matching(name: str, model: Model, known: dict[str, Facts]) -> Iterator[Facts]:
    source, _ = pinned(model.source)
    folder = Path(source).name
    for each in known.values():
        if source in each.sources:
            yield each
    for each in known.values():
        if folder in {name.partition("/")[2] for name in each.sources}:
            yield each
    if name in known and not HUB_NAME.fullmatch(source):
        yield known[name]


def _read(text: str, file: str) -> Facts:
    return read_table(parse(text, file), Facts, lambda path: file)
