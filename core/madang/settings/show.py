"""Settings as people read them: TOML that says where each value comes from."""

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import TypeGuard

import msgspec

from madang.settings.loader import Loaded
from madang.toml import SECRET, KeyPath, dotted, quoted

# These speak of tokens of text.
HARMLESS = {"tokenizer", "max_new_tokens", "cache_tokens", "daily_tokens"}
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")
HIDDEN = "***"
DATES = (datetime.datetime, datetime.date, datetime.time)


def as_toml(loaded: Loaded) -> str:
    """Render the effective settings as TOML, with secrets hidden."""
    table = msgspec.to_builtins(loaded.settings, builtin_types=DATES)
    return "\n".join([f"# {loaded.path}", *_table(loaded, table, ())]) + "\n"


def _table(loaded: Loaded, table: Mapping[str, object], path: KeyPath) -> Iterator[str]:
    for key, value in table.items():
        if value is not None and not _is_table(value, key):
            yield f"{dotted((key,))} = {_shown(key, value)}{_remark(loaded, (*path, key))}"
    for key, value in table.items():
        if _is_table(value, key):
            yield from _headed(loaded, value, (*path, key))


def _headed(loaded: Loaded, table: Mapping[str, object], path: KeyPath) -> Iterator[str]:
    lines = list(_table(loaded, table, path))
    # A table of nothing but tables needs no header of its own.
    if (lines and not lines[0].startswith("\n[")) or (not lines and _written(loaded, path)):
        yield f"\n[{dotted(path)}]"
    yield from lines


def _is_table(value: object, key: str) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict) and not _is_secret(key)


def _is_secret(key: str) -> bool:
    return SECRET.search(key) is not None and key not in HARMLESS


def _written(loaded: Loaded, path: KeyPath) -> bool:
    here: object = loaded.table
    for key in path:
        if not isinstance(here, dict) or key not in here:
            return False
        here = here[key]
    return True


def _remark(loaded: Loaded, path: KeyPath) -> str:
    if not _written(loaded, path):
        return "  # default"
    origin = loaded.origin(path)
    return "" if origin == str(loaded.path) else f"  # {origin}"


def _shown(key: str, value: object) -> str:
    return quoted(HIDDEN) if value and _is_secret(key) else _value(value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(CREDENTIALS.sub(HIDDEN, value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        items = (f"{dotted((key,))} = {_shown(key, item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    return str(value)
