"""List, fetch, verify, plan and remove the models of a profile."""

import argparse
import sys
from collections.abc import Sequence

from madang.cli.profile import add_profile, settings_from
from madang.contract import Model
from madang.errors import MadangError, ModelNotLoaded, UnknownModel, nearest
from madang.models.printer import Printer, size
from madang.models.show import list_json, list_text, removal_text, report_json, report_text
from madang.models.show_plan import plans_json, plans_text
from madang.settings import Settings, check_licence

CARDS = (12, 24, 48, 80)
"""GB of the cards that are planned for where this machine has none."""

EXAMPLES = """\
examples:
  madang models list --profile seeds            what is here, its size and licence
  madang models pull slang --profile seeds      fetch one model; without a name, all of them
  madang models verify slang --profile seeds    compare its files with what is known of it
  madang models verify slang --generate         ... and answer the sample questions of its card
  madang models plan --profile seeds --vram 24  what fits on a GPU with 24 GB at once
  madang models remove slang --profile seeds    delete it from the cache

A token for gated models is taken from HF_TOKEN or from where `hf auth login` keeps it; HF_HOME
says where models are kept, HF_HUB_OFFLINE=1 switches the network off.
"""


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add the five actions."""
    parser.epilog = EXAMPLES
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = _action(actions, "list", "what is here, its size, and whether it was verified")
    listing.add_argument("--json", action="store_true", help="print one JSON list")
    pull = _action(actions, "pull", "fetch weights, tokenizers and adapters")
    pull.add_argument("names", nargs="*", metavar="NAME", help="a model (default: all)")
    pull.add_argument("--offline", action="store_true", help="only check what is here already")
    verify = _action(actions, "verify", "compare the real files with what is known of them")
    verify.add_argument("names", nargs="*", metavar="NAME", help="a model (default: all here)")
    verify.add_argument("--generate", action="store_true", help="answer sample questions as well")
    verify.add_argument("--facts", metavar="NAME|FILE", default="", help="compare with these facts")
    verify.add_argument("--json", action="store_true", help="print one JSON list")
    plan = _action(actions, "plan", "what fits on a GPU at once, and what takes turns")
    plan.add_argument(
        "--vram", type=_gigabytes, metavar="GB", help="its memory (default: this machine's)"
    )
    plan.add_argument("--tokens", type=int, default=0, help="context to reckon with (default: all)")
    plan.add_argument("--json", action="store_true", help="print one JSON list")
    remove = _action(actions, "remove", "delete a model from the cache of the hub")
    remove.add_argument("name", metavar="NAME", help="a model of the profile")
    remove.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[options.action](settings_from(options), options)


def _list(settings: Settings, options: argparse.Namespace) -> int:
    from madang.models.listing import rows_of

    rows = rows_of(settings)
    print(list_json(rows) if options.json else list_text(rows))
    return 0


def _pull(settings: Settings, options: argparse.Namespace) -> int:
    from madang.models.pull import pull

    printer = Printer(sys.stderr)
    for name, model in _chosen(settings, options.names):
        try:
            for each in pull(name, model, offline=options.offline, tell=printer.tell):
                printer.done(each)
            printer.conditions(name, model, accepted=name in settings.accept_licences)
        except KeyboardInterrupt:
            printer.clear()
            print(
                "stopped: files that are whole are kept, the cut one starts anew next time",
                file=sys.stderr,
            )
            raise
        except MadangError:
            printer.clear()
            raise
    return 0


def _verify(settings: Settings, options: argparse.Namespace) -> int:
    from madang.models.verify import verify

    reports = []
    for name, model in _chosen(settings, options.names or _here(settings)):
        if options.generate:
            check_licence(settings, name)
        report = verify(name, model, generate=options.generate, chosen=options.facts)
        reports.append(report)
        if not options.json:
            print(report_text(report))
    if options.json:
        print(report_json(reports))
    return 0 if all(report.passed for report in reports) else 1


def _plan(settings: Settings, options: argparse.Namespace) -> int:
    from madang.inference.memory import GIB
    from madang.models.card import vram_here
    from madang.models.plan import plan

    here = options.vram * GIB if options.vram else vram_here()
    plans = [
        plan(settings, int(vram), options.tokens)
        for vram in ([here] if here else [each * GIB for each in CARDS])
    ]
    print(plans_json(plans) if options.json else plans_text(plans))
    return 0


def _remove(settings: Settings, options: argparse.Namespace) -> int:
    from madang.models.remove import plan_removal, remove

    ((name, _),) = _chosen(settings, [options.name])
    removal = plan_removal(name, settings.models)
    print(removal_text(removal))
    if not removal.parts:
        return 0
    if not options.yes and not _agreed():
        print("nothing was deleted")
        return 1
    print(f"freed {size(remove(removal))}")
    return 0


ACTIONS = {"list": _list, "pull": _pull, "verify": _verify, "plan": _plan, "remove": _remove}


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=what, description=what)
    add_profile(parser)
    return parser


def _chosen(settings: Settings, names: Sequence[str]) -> list[tuple[str, Model]]:
    for name in names:
        if name not in settings.models:
            raise UnknownModel(
                f"The profile has no model '{name}'.", nearest(name, settings.models)
            )
    local = [name for name, model in settings.models.items() if model.backend == "local"]
    return [(name, settings.models[name]) for name in names or local]


def _here(settings: Settings) -> list[str]:
    """Name the models that are on this machine, and tell of the others that they are left out."""
    from madang.models.listing import rows_of

    rows = [row for row in rows_of(settings) if row.parts]
    if not rows:
        raise ModelNotLoaded(
            "The profile has no model that this machine serves.",
            "`madang doctor` checks those that others serve.",
        )
    for row in rows:
        if row.state == "missing":
            print(f"{row.name}: not on this machine, left out", file=sys.stderr)
    here = [row.name for row in rows if row.state != "missing"]
    if not here:
        raise ModelNotLoaded(
            "None of the profile's models is on this machine.",
            "Fetch them: madang models pull, with the same --profile.",
        )
    return here


def _gigabytes(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError("a number of GB above 0")
    return value


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise MadangError("Nobody is there to ask.", "Add --yes to delete without asking.")
    return input("Delete it? [y/N] ").strip().lower() in ("y", "yes")
