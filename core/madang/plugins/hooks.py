"""One plugin's hooks, checked before any of them is called."""

import inspect
from collections.abc import Callable

import pluggy

from madang import hookspecs
from madang.errors import BadHook, nearest

NAMES = tuple(
    name for name, value in vars(hookspecs).items() if hasattr(value, f"{hookspecs.PROJECT}_spec")
)


def hooks_of(name: str, plugin: object) -> pluggy.HookRelay:
    """Return the hooks of one plugin, ready to be called; `BadHook` when one cannot be.

    Each plugin has a manager of its own, so that what one does cannot reach another.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin, name)
    except pluggy.PluginValidationError as error:
        raise BadHook(f"Plugin {name}: {error}", _signatures()) from error
    callers = manager.get_hookcallers(plugin) or []
    if not callers:
        raise BadHook(f"Plugin {name} has no hooks.", _first_hook(plugin))
    for caller in callers:
        _check(name, caller)
    return manager.hook


def _check(name: str, caller: pluggy.HookCaller) -> None:
    if not caller.has_spec():
        raise BadHook(f"Plugin {name}: no hook '{caller.name}'.", nearest(caller.name, NAMES))
    for implementation in caller.get_hookimpls():
        _check_function(name, caller.name, implementation.function, implementation.argnames)


def _check_function(
    name: str, hook: str, function: Callable[..., object], arguments: tuple[str, ...]
) -> None:
    if "register" not in arguments:
        raise BadHook(f"Plugin {name}: {hook} does not take `register`.", _signatures())
    kinds = (
        inspect.iscoroutinefunction,
        inspect.isgeneratorfunction,
        inspect.isasyncgenfunction,
    )
    if any(is_kind(function) for is_kind in kinds):
        # Calling it would only make an object that nobody runs.
        raise BadHook(f"Plugin {name}: {hook} must not be async or yield.", _signatures())


def _first_hook(plugin: object) -> str:
    for attribute in dir(plugin):
        if attribute.startswith("register"):
            return f"Mark {attribute} with @madang.hookimpl. {nearest(attribute, NAMES)}"
    return f"Mark one of {', '.join(NAMES)} with @madang.hookimpl."


def _signatures() -> str:
    return (
        "A hook is an ordinary function `def " + "(register)` or `def ".join(NAMES) + "(register)`."
    )
