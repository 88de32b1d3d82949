"""A conversation as a file for its people: JSON with everything, Markdown to read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from madang.contract import Turn


def export_json(turns: Sequence[Turn]) -> str:
    """Write every turn, variants included, as indented JSON; times are seconds since the epoch."""
    return msgspec.json.format(msgspec.json.encode({"turns": turns}), indent=2).decode()


def chosen_path(tree: Sequence[Turn]) -> list[Turn]:
    """Pick the chosen turns out of a whole tree, from the root on: what the people see."""
    children = {turn.parent: turn for turn in tree if turn.chosen}
    path: list[Turn] = []
    while turn := children.get(path[-1].id if path else None):
        path.append(turn)
    return path


def export_markdown(turns: Sequence[Turn], titles: Mapping[str, str]) -> str:
    """Write what was shown, oldest first; `titles` maps a persona's name to its title."""
    return "".join(_paragraph(turn, titles) for turn in turns if turn.shown)


def _paragraph(turn: Turn, titles: Mapping[str, str]) -> str:
    name = turn.author.name
    if turn.role == "persona":
        name = titles.get(turn.persona.partition(":")[0], name)
    when = datetime.fromtimestamp(turn.created, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"**{name}** ({when})\n\n{turn.shown}\n\n"
