"""List the plugins: where each comes from, what it brings, and why one failed."""

import argparse
import json
from collections.abc import Sequence

import msgspec

from madang.cli.profile import add_profile_options, setup_from


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add how to print."""
    add_profile_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON list")


def run(options: argparse.Namespace) -> int:
    """Print one line a plugin; status 1 when any failed."""
    statuses = setup_from(options).plugins.statuses
    if options.json:
        print(json.dumps(msgspec.to_builtins(statuses), ensure_ascii=False, indent=2))
    else:
        for status in statuses:
            brings = ", ".join(status.provides) or "-"
            print(f"{status.state:<9} {status.name:<18} {brings:<34} {status.origin}")
            if status.reason:
                print(f"          {status.reason}")
    return 1 if any(status.state == "failed" for status in statuses) else 0
