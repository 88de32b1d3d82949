"""Leave the process in a hook."""

import madang
from madang.hookspecs import RegisterFilter


@madang.hookimpl
def register_filters(register: RegisterFilter) -> None:
    """Exit."""
    raise SystemExit("no licence")
