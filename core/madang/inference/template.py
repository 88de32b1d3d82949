"""Prompt to token ids: the model's chat template, or plain text for a completion."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from madang.contract import Prompt
from madang.errors import ModelError
from madang.inference.border import Border, is_control
from madang.inference.markers import form_markers

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Message = dict[str, str]

ROLE_MARKER_LIMIT = 32  # characters; longer lines of a template are its default system prompt


class PromptTemplate:
    """Render and encode the prompts of one model."""

    def __init__(self, model: str, tokenizer: "PreTrainedTokenizerFast") -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._border = Border(tokenizer.backend_tokenizer, role_markers(tokenizer))

    def encode(self, prompt: Prompt, stops: Sequence[str] = ()) -> list[int]:
        """Return what the model reads; the whole prompt is encoded at once.

        A completion gets what the tokenizer adds by default, such as a first token; a chat
        template writes its own.
        """
        text = self.render(prompt, stops)
        add = prompt.kind == "completion"
        encoding = self._tokenizer.backend_tokenizer.encode(text, add_special_tokens=add)
        return list(encoding.ids)

    def render(self, prompt: Prompt, stops: Sequence[str] = ()) -> str:
        """Return the text that the model reads, quoted text escaped."""
        text = self._written(prompt, (*stops, *form_markers(prompt)))
        return text.strip() if prompt.stripped else text

    def _written(self, prompt: Prompt, stops: Sequence[str]) -> str:
        if prompt.kind == "completion":
            parts = [part for segment in prompt.segments for part in segment.parts]
            return self._border.escape(parts, stops)
        return self._chat(
            [
                {"role": segment.role, "content": self._border.escape(segment.parts, stops)}
                for segment in prompt.segments
            ]
        )

    def _chat(self, messages: list[Message]) -> str:
        from jinja2 import TemplateError

        if not self._tokenizer.chat_template:
            raise ModelError(
                f"model '{self._model}' has no chat template",
                "Bind a form of kind 'completion', or set `tokenizer` to one that has it.",
            )
        try:
            return chat_text(self._tokenizer, messages)
        except (TemplateError, TypeError, ValueError) as error:
            raise ModelError(
                f"the chat template of model '{self._model}' refused the prompt: {error}",
                "Bind a form whose roles the template knows, or one of kind 'completion'.",
            ) from error


def chat_text(tokenizer: "PreTrainedTokenizerFast", messages: list[Message]) -> str:
    """Apply the chat template; a last message of the assistant is left open to go on."""
    going_on = messages[-1:] and messages[-1]["role"] == "assistant"
    return str(
        tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=not going_on,
            continue_final_message=bool(going_on),
        )
    )


def role_markers(tokenizer: "PreTrainedTokenizerFast") -> tuple[str, ...]:
    """Find the role names that a chat template writes as ordinary text, such as `[INST]`.

    Names between control tokens (`<|start|>user`) are left out: without the tokens, which quoted
    text cannot have, they are plain words.
    """
    from jinja2 import TemplateError

    if not tokenizer.chat_template:
        return ()
    said = [f"{role}-{number}" for number in range(2) for role in ("user", "assistant")]
    messages = [{"role": text.partition("-")[0], "content": text} for text in said]
    try:
        text = chat_text(tokenizer, messages[:3])
    except (TemplateError, TypeError, ValueError):
        return ()
    return tuple(dict.fromkeys(_markers(text, said, tokenizer)))


def _markers(text: str, said: Sequence[str], tokenizer: "PreTrainedTokenizerFast") -> Iterator[str]:
    added = tokenizer.added_tokens_decoder.values()
    controls = [token.content for token in added if is_control(token)]
    for stretch in re.split("|".join(map(re.escape, [*controls, *said])), text):
        for line in map(str.strip, stretch.splitlines()):
            if len(line) <= ROLE_MARKER_LIMIT and line[-1:] in {":", "]", ">", "|", "#"}:
                yield line
