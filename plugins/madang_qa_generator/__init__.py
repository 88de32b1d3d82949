"""A persona plugin: a tool that makes a question and its answer from a text."""

import madang
from madang.hookspecs import RegisterPersona
from madang_qa_generator.judge import judge_pair
from madang_qa_generator.pairs import tidy_pair


@madang.hookimpl
def register_personas(register: RegisterPersona) -> None:
    """Register the question generator."""
    register(
        madang.PersonaFolder.of(
            __name__, polish={"tidy_pair": tidy_pair}, judges={"pair": judge_pair}
        )
    )
