"""docs/openai.md says of every kind of server what the code says."""

import tomllib
from collections.abc import Callable

from tests.docs.markdown import blocks, read, rows, sections, tables

from madang.contract import Model
from madang.openai import OpenAIBackend
from madang.openai.connection import BACKOFF_SECONDS
from madang.openai.dialect import DIALECTS, Dialect
from madang.openai.estimate import ASCII_PER_TOKEN, TOKENS_PER_MESSAGE, TOKENS_PER_OTHER
from madang.openai.problems import PATIENCE_SECONDS, WORTH_ANOTHER_TRY
from madang.toml import read_table

TEXT = read("openai.md")
OTHERS: dict[str, Callable[[Dialect], bool]] = {
    "token ids": lambda dialect: dialect.token_ids,
    "adapters": lambda dialect: bool(dialect.adapter),
    "special_ids.eos": lambda dialect: dialect.ends,
    "goes on without the tokenizer": lambda dialect: dialect.open_end is not None,
}


def honoured(dialect: Dialect, column: str) -> bool:
    return OTHERS[column](dialect) if column in OTHERS else column in dialect.sampling


def test_the_table_of_kinds_is_that_of_the_code() -> None:
    section = sections(TEXT, 2)["What each kind honours"]
    (_, *columns), *lines = next(tables(section))
    assert [line[0] for line in lines] == list(DIALECTS)
    fields = set(columns) - set(OTHERS)
    assert fields == {name for dialect in DIALECTS.values() for name in dialect.sampling}
    for kind, *cells in lines:
        found = {column: cell == "yes" for column, cell in zip(columns, cells, strict=True)}
        expected = {column: honoured(DIALECTS[kind], column) for column in columns}  # type: ignore[index]
        assert found == expected, kind


def test_the_example_can_be_served() -> None:
    text = next(block.text for block in blocks(TEXT) if block.language == "toml")
    for name, table in tomllib.loads(text)["models"].items():
        model = read_table(table, Model, lambda path: "openai.md")
        assert OpenAIBackend(name, model).capabilities.adapters


def test_the_figures_are_those_of_the_code() -> None:
    assert (ASCII_PER_TOKEN, TOKENS_PER_OTHER, TOKENS_PER_MESSAGE) == (3, 1.5, 8)
    assert "one token for 3 ASCII characters, 1.5\ntokens" in TEXT and "and 8 for" in TEXT
    assert (BACKOFF_SECONDS, PATIENCE_SECONDS) == (0.5, 30)
    statuses = " ".join(row[0] for row in rows(TEXT, "what happens"))
    assert all(str(status) in statuses for status in WORTH_ANOTHER_TRY)
