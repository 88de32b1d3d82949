"""Show the settings in force, and the file or environment variable that each comes from.

Secrets are not shown.
"""

import argparse
from collections.abc import Sequence

from madang.cli.profile import add_profile_options, setup_from
from madang.settings import as_toml, config_dir, data_dir, profile_names


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add what to show."""
    add_profile_options(parser)
    parser.add_argument(
        "what",
        choices=["show", "path"],
        help="show: the settings in force; path: where profiles and data lie",
    )


def run(options: argparse.Namespace) -> int:
    """Print TOML, or the paths."""
    setup = setup_from(options)
    if options.what == "show":
        print(as_toml(setup.live.loaded))
        return 0
    print(f"profile   {setup.live.loaded.path}")
    print(f"profiles  {', '.join(profile_names())} in {config_dir()}")
    print(f"data      {data_dir()}")
    print(f"store     {setup.settings.store.path}")
    return 0
