"""A persona plugin: an adviser who explains economy and finance."""

import madang
from madang.hookspecs import RegisterPersona
from madang_finance_advisor.sentence import sentence_end


@madang.hookimpl
def register_personas(register: RegisterPersona) -> None:
    """Register the finance adviser."""
    register(madang.PersonaFolder.of(__name__, polish={"sentence_end": sentence_end}))
