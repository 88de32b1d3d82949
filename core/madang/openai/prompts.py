"""A prompt to what a server is asked: rendered here, or as it is for the server's own template."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from madang.contract import Model, Prompt
from madang.errors import MissingPackage, ModelError, UnsupportedParameter
from madang.inference.source import HUB_NAME, tokenizer_folder
from madang.inference.template import PromptTemplate
from madang.inference.tokenizer import load_tokenizer
from madang.openai.dialect import Dialect, Fields
from madang.openai.estimate import estimate

COMPLETIONS = "completions"
CHAT = "chat/completions"

Encode = Callable[[str, bool], list[int]]
"""`encode(text, add)` gives token ids, with what the tokenizer adds by default if `add`."""


@dataclass(frozen=True)
class Question:
    """Hold the endpoint that a prompt goes to, and the fields that carry it."""

    path: str
    fields: Fields


class Prompts(Protocol):
    """Turn prompts into questions, and count their tokens."""

    def question(self, prompt: Prompt, stops: Sequence[str]) -> Question:
        """Return what to ask."""
        ...

    async def count(self, prompt: Prompt) -> int:
        """Return the tokens of a prompt as the model will read it."""
        ...


class Rendered:
    """Render with the model's own tokenizer: quoted text is escaped, and tokens are exact."""

    def __init__(
        self, name: str, template: PromptTemplate, encode: Encode, bos: str, *, as_ids: bool
    ) -> None:
        self._name = name
        self._template = template
        self._encode = encode
        self._bos = bos
        self._as_ids = as_ids

    def question(self, prompt: Prompt, stops: Sequence[str]) -> Question:
        """Return a completion, as token ids where the server takes them."""
        if self._as_ids:
            return Question(COMPLETIONS, {"prompt": self._template.encode(prompt, stops)})
        return Question(COMPLETIONS, {"prompt": self._text(prompt, stops)})

    async def count(self, prompt: Prompt) -> int:
        """Count tokens."""
        return len(await asyncio.to_thread(self._template.encode, prompt))

    def _text(self, prompt: Prompt, stops: Sequence[str]) -> str:
        """Return the text that a server, adding what the tokenizer adds, reads as it should be."""
        text = self._template.render(prompt, stops)
        if prompt.kind == "completion":
            return text
        meant = self._encode(text, False)
        for candidate in (text, text.removeprefix(self._bos)):
            if self._encode(candidate, True) == meant:
                return candidate
        raise ModelError(
            f"the server of model '{self._name}' takes text only, and the model's tokenizer adds "
            "tokens to it that its chat template does not have.",
            f"Set `kind` of [models.{self._name}.server] to one that takes token ids, or leave out "
            "`source` and `tokenizer` to use the server's own template.",
        )


class Unrendered:
    """Leave template and tokens to the server: nothing in quoted text is escaped."""

    def __init__(self, name: str, dialect: Dialect) -> None:
        self._name = name
        self._dialect = dialect

    def question(self, prompt: Prompt, stops: Sequence[str]) -> Question:
        """Return a chat of messages, or a completion of plain text."""
        if prompt.kind == "completion":
            text = whole(prompt.text)
            return Question(COMPLETIONS, {"prompt": text.strip() if prompt.stripped else text})
        if prompt.stripped:
            raise self._impossible("strip a prompt as the form asks")
        messages = [
            {"role": segment.role, "content": whole(segment.text)} for segment in prompt.segments
        ]
        return Question(CHAT, {"messages": messages, **self._end(prompt)})

    async def count(self, prompt: Prompt) -> int:
        """Estimate tokens."""
        return estimate(prompt)

    def _end(self, prompt: Prompt) -> Fields:
        if not prompt.segments or prompt.segments[-1].role != "assistant":
            return {}
        if self._dialect.open_end is None:
            raise self._impossible("go on with an answer")
        return dict(self._dialect.open_end)

    def _impossible(self, what: str) -> UnsupportedParameter:
        return UnsupportedParameter(
            f"the server of model '{self._name}' cannot {what}.",
            f"Set `tokenizer` in [models.{self._name}], so that prompts are rendered here.",
        )


def make_prompts(name: str, model: Model, dialect: Dialect) -> Prompts:
    """Read the tokenizer that the table names, which may fetch it; without one do without."""
    if not (model.tokenizer or model.source):
        return Unrendered(name, dialect)
    try:
        folder = _folder(model)
        tokenizer = load_tokenizer(name, folder, model)
    except ImportError as error:
        raise MissingPackage(
            f"rendering the prompts of model '{name}' needs the Python package "
            f"'{error.name or error}'",
            "Install it with `pip install 'madang[openai]'`, or leave out `source` and "
            "`tokenizer` to use the server's own template.",
        ) from error

    def encode(text: str, add: bool) -> list[int]:
        return list(tokenizer.backend_tokenizer.encode(text, add_special_tokens=add).ids)

    template = PromptTemplate(name, tokenizer)
    bos = str(tokenizer.bos_token or "")
    return Rendered(name, template, encode, bos, as_ids=dialect.token_ids)


def whole(text: str) -> str:
    """Replace half characters, which no server takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _folder(model: Model) -> Path:
    if model.tokenizer:
        return tokenizer_folder(model.tokenizer)
    pinned = model.revision and HUB_NAME.fullmatch(model.source)
    return tokenizer_folder(f"{model.source}@{model.revision}" if pinned else model.source)
