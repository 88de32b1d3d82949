"""The sources that one model is made of: weights, tokenizer and adapters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from madang.contract import Model
from madang.inference.source import HUB_NAME, pinned

Kind = Literal["hub", "folder", "package"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Name one source; `role` is `weights`, `tokenizer` or `adapter NAME`.

    `revision` is a branch, a tag or a commit of a hub repository; empty means its main branch.
    """

    model: str
    role: str
    source: str
    revision: str = ""

    @property
    def kind(self) -> Kind:
        """Tell a hub repository from a folder and from weights inside a Python package."""
        if self.source.startswith("package:"):
            return "package"
        return "hub" if HUB_NAME.fullmatch(self.source) else "folder"

    @property
    def adapter(self) -> str:
        """Return the adapter's name, empty for another part."""
        return self.role.removeprefix("adapter ") if self.role.startswith("adapter ") else ""

    def __str__(self) -> str:
        """Word it for a message."""
        return f"{self.role} of model '{self.model}'"


def parts_of(name: str, model: Model) -> list[Part]:
    """List the parts of a `[models.NAME]` table; none when its backend is not the local one."""
    return list(_parts(name, model)) if model.backend == "local" else []


def _parts(name: str, model: Model) -> Iterator[Part]:
    yield _part(name, "weights", model.source, model.revision)
    if model.tokenizer:
        yield _part(name, "tokenizer", model.tokenizer)
    for adapter, source in model.adapters.items():
        yield _part(name, f"adapter {adapter}", source)


def _part(model: str, role: str, source: str, revision: str = "") -> Part:
    source, revision = pinned(source, revision)
    return Part(model=model, role=role, source=source, revision=revision)
