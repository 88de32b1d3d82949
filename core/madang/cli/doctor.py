"""Check Python, torch, the profile, its models, the store and the plugins.

Each line is ok, a warning or a failure; a failure says what to do. Status 1 when anything failed.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict

from madang.cli.profile import add_profile_options
from madang.doctor import examine

MARKS = {"ok": "ok    ", "warning": "warn  ", "failure": "FAIL  "}


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add how to print."""
    add_profile_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON list")


def run(options: argparse.Namespace) -> int:
    """Print every finding."""
    findings = asyncio.run(examine(options.profile, without=options.without, strict=options.strict))
    if options.json:
        print(json.dumps([asdict(each) for each in findings], ensure_ascii=False, indent=2))
    else:
        for each in findings:
            print(f"{MARKS[each.state]}{each.what:<10} {each.found}")
            if each.hint:
                print(f"{'':<17}{each.hint}")
    return 1 if any(each.state == "failure" for each in findings) else 0
