"""A conversation as a file for its people: JSON with everything, Markdown to read.

Both say under which licence each model wrote, and mark what a restricted one wrote.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec

from madang.contract import Model, Tally, Turn
from madang.conversation.options import PersonOptions

NOBODY: Mapping[str, Model] = MappingProxyType({})


@dataclass(frozen=True)
class Belongings:
    """Hold all that there is of somebody: what they said and set, the answers, what was counted."""

    turns: Sequence[Turn]
    usage: Sequence[Tally]
    options: PersonOptions


def export_json(
    turns: Sequence[Turn],
    models: Mapping[str, Model] = NOBODY,
    usage: Sequence[Tally] = (),
    options: PersonOptions | None = None,
) -> str:
    """Write every turn, variants included, as indented JSON; times are seconds since the epoch.

    `models` are those of the profile; the ones that wrote something are listed with their
    licences, and a turn of a restricted one has a `restriction`. `usage` and `options` are added
    where given.
    """
    whole: dict[str, Any] = {
        "turns": [_marked(turn, models) for turn in turns],
        "models": {name: terms(models.get(name)) for name in authors(turns)},
    }
    if usage:
        whole["usage"] = usage
    if options is not None:
        whole["options"] = options
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def chosen_path(tree: Sequence[Turn]) -> list[Turn]:
    """Pick the chosen turns out of a whole tree, from the root on: what the people see."""
    children = {turn.parent: turn for turn in tree if turn.chosen}
    path: list[Turn] = []
    while turn := children.get(path[-1].id if path else None):
        path.append(turn)
    return path


def export_markdown(
    turns: Sequence[Turn], titles: Mapping[str, str], models: Mapping[str, Model] = NOBODY
) -> str:
    """Write what was shown, oldest first; `titles` maps a persona's name to its title."""
    shown = [turn for turn in turns if turn.shown]
    said = "".join(_paragraph(turn, titles, models) for turn in shown)
    lines = [_line(name, terms(models.get(name))) for name in authors(shown)]
    return said + "\n".join(["---\n", *lines, ""]) if lines else said


def authors(turns: Iterable[Turn]) -> list[str]:
    """List the models that wrote something, in the order of their first answers."""
    return list(dict.fromkeys(turn.model for turn in turns if turn.model))


def _marked(turn: Turn, models: Mapping[str, Model]) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(turn)
    restriction = _restriction(turn, models)
    return {**fields, "restriction": restriction} if restriction else fields


def _paragraph(turn: Turn, titles: Mapping[str, str], models: Mapping[str, Model]) -> str:
    name = turn.author.name
    if turn.role == "persona":
        name = titles.get(turn.persona.partition(":")[0], name)
    when = datetime.fromtimestamp(turn.created, UTC).strftime("%Y-%m-%d %H:%M UTC")
    restriction = _restriction(turn, models)
    mark = f"> ⚠ {turn.model}: {restriction}\n\n" if restriction else ""
    return f"**{name}** ({when})\n\n{mark}{turn.shown}\n\n"


def _restriction(turn: Turn, models: Mapping[str, Model]) -> str:
    model = models.get(turn.model)
    return model.restriction if model else ""


def terms(model: Model | None) -> dict[str, str]:
    """Return what there is to say of a model's licence; nothing where the profile lost it."""
    if model is None:
        return {}
    fields = {
        "source": model.source,
        "licence": model.licence,
        "restriction": model.restriction,
        "attribution": model.attribution,
        "link": model.licence_link,
    }
    return {key: words for key, words in fields.items() if words}


def _line(name: str, said: Mapping[str, str]) -> str:
    return f"- {name}: {' · '.join(said.values())}" if said else f"- {name}"
