"""List the personas of a profile: who they are, which model and form answer, and their licences."""

import argparse
import json
from collections.abc import Sequence

from madang.cli.profile import add_profile_options, setup_from
from madang.contract import Model
from madang.conversation import Bound
from madang.models.listing import verification
from madang.setup import PersonaInfo, Setup


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add what to list and how."""
    add_profile_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a persona")


def run(options: argparse.Namespace) -> int:
    """Print one block a persona."""
    setup = setup_from(options)
    for info in setup.personas():
        row = _row(setup, info)
        print(json.dumps(row, ensure_ascii=False) if options.json else _block(row))
    return 0


def _row(setup: Setup, info: PersonaInfo) -> dict[str, str]:
    text = info.persona.text(setup.settings.locale)
    row = {
        "name": info.persona.name,
        "title": text.title,
        "description": text.description,
        "choose": ", ".join(info.references),
        "forms": ", ".join(info.persona.forms),
    }
    if info.bound:
        row["answers"] = _answers(info.bound)
    if info.model:
        row["licence"] = info.model.licence or "not stated in the profile"
        row |= _conditions(info.model)
        if proof := verification(info.model_name, info.model):
            row["verified"] = proof
    if text.licence:
        row["seed"] = text.licence
    if info.problem:
        row["problem"] = " ".join(filter(None, (info.problem.message, info.problem.hint)))
    return row


def _answers(bound: Bound) -> str:
    binding = bound.binding
    adapter = f", adapter {binding.adapter}" if binding.adapter else ""
    return f"model {binding.model}{adapter}, form {bound.form.name}"


def _conditions(model: Model) -> dict[str, str]:
    said = {
        "restriction": model.restriction,
        "attribution": model.attribution,
        "link": model.licence_link,
    }
    return {key: words for key, words in said.items() if words}


def _block(row: dict[str, str]) -> str:
    rest = "\n".join(f"  {key:<12}{row[key]}" for key in row if key not in ("name", "title"))
    return f"{row['name']} ({row['title']})\n{rest}\n"
