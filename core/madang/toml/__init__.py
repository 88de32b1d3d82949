"""TOML files as typed tables, with errors that name the place and what would be right there."""

from madang.toml.files import Stamp, read_text, stamp
from madang.toml.keys import SECRET, KeyPath, Origin, dotted, quoted, wrong
from madang.toml.kinds import Kind, kind_of
from madang.toml.parse import parse, position
from madang.toml.table import read_table

__all__ = [
    "SECRET",
    "KeyPath",
    "Kind",
    "Origin",
    "Stamp",
    "dotted",
    "kind_of",
    "parse",
    "position",
    "quoted",
    "read_table",
    "read_text",
    "stamp",
    "wrong",
]
