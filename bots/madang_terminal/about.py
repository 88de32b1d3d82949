"""Who answers, with which model, and under which licence."""

from madang.about import about_model, about_speed
from madang.conversation import problem_of
from madang.setup import PersonaInfo
from madang_terminal.talk import Talk


async def about(talk: Talk, argument: str) -> None:
    """Show the model and the licence behind a persona: the current one, a named one, or all."""
    infos = _wanted(talk, argument)
    if not infos:
        names = ", ".join(info.persona.name for info in talk.personas)
        await talk.screen.tell(talk.texts("unknown.persona", word=argument, names=names), "problem")
    for info in infos:
        await talk.screen.table(_rows(talk, info))
        if info.problem:
            await talk.screen.tell(talk.texts.problem(problem_of(info.problem)), "problem")


def _wanted(talk: Talk, argument: str) -> list[PersonaInfo]:
    if not argument:
        return [talk.current_info] if talk.current_info else list(talk.personas)
    name = talk.find(argument).partition(":")[0]
    return [info for info in talk.personas if info.persona.name == name]


def _rows(talk: Talk, info: PersonaInfo) -> list[tuple[str, str]]:
    name = f"{talk.text_of(info).title} ({info.persona.name})"
    model = _mode_model(talk, info)
    terms = about_model(talk.texts, model, talk.yard.settings.models.get(model))
    speed = about_speed(talk.texts, talk.yard.pool.metrics(model))
    return [(talk.texts("about.persona"), name), *terms, *speed]


def _mode_model(talk: Talk, info: PersonaInfo) -> str:
    """Return the model that answers here: a mode may have its own."""
    current = talk.current
    if current and current.persona.name == info.persona.name:
        return current.binding.model
    return info.model_name
