"""A backend that reads prompts as a seed model would, and answers from a script."""

from collections.abc import Sequence
from functools import cache

from tests.standins.families import SEEDS

from madang.contract import Model, Prompt, Request
from madang.inference.template import PromptTemplate
from madang.testing.echo import Answer, EchoBackend


class StandInBackend(EchoBackend):
    """Render and encode with the stand-in tokenizer of a model of the profile `seeds`.

    The answers are the script's, in turn, and the last of them from then on.
    """

    def __init__(self, name: str, model: Model, script: Sequence[str] = ("네.",)) -> None:
        super().__init__(name, model)
        self.script = list(script)
        self.template = stand_in_template(name)

    @property
    def read(self) -> list[str]:
        """List the texts that the model read, one for each request."""
        return [self.template.render(each.prompt, each.sampling.stop) for each in self.answered]

    @property
    def ids(self) -> list[list[int]]:
        """List the token ids that the model read."""
        return [self.template.encode(each.prompt, each.sampling.stop) for each in self.answered]

    async def count(self, prompt: Prompt) -> int:
        """Count tokens."""
        return len(self.template.encode(prompt))

    def answer(self, request: Request) -> Answer:
        """Return the next answer of the script."""
        return Answer(self.script.pop(0) if len(self.script) > 1 else self.script[0])


@cache
def stand_in_template(name: str) -> PromptTemplate:
    """Return the template of a model of the profile `seeds`, made once."""
    return PromptTemplate(name, SEEDS[name].tokenizer())
