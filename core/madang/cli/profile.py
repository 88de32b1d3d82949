"""The options and the setting-up that the commands share."""

import argparse
import os
from collections.abc import Sequence

from madang.settings import Settings, default_profile, load
from madang.setup import Setup, prepare


def add_profile_options(parser: argparse.ArgumentParser) -> None:
    """Add --profile, --without and --strict."""
    add_profile(parser)
    parser.add_argument(
        "--without", metavar="PLUGIN", action="append", default=[], help="leave a plugin out"
    )
    parser.add_argument(
        "--strict", action="store_true", help="stop when any plugin fails, instead of going on"
    )


def add_profile(parser: argparse.ArgumentParser) -> None:
    """Add --profile alone, for commands that need no plugins."""
    parser.add_argument(
        "--profile",
        metavar="NAME|FILE",
        help="demo, small, seeds, vllm, or a .toml file (default: MADANG_PROFILE, or demo)",
    )


def settings_from(options: argparse.Namespace) -> Settings:
    """Read the profile that the options name."""
    return load(options.profile or default_profile(os.environ), os.environ).settings


def setup_from(options: argparse.Namespace) -> Setup:
    """Read the profile and load the plugins that the options name."""
    return prepare(options.profile, os.environ, without=options.without, strict=options.strict)


def early_setup(given: Sequence[str]) -> Setup:
    """Set up before all options are known, since plugins add options of their own."""
    parser = argparse.ArgumentParser(add_help=False)
    add_profile_options(parser)
    options, _ = parser.parse_known_args(given)
    return setup_from(options)
