"""The pages of docs/ lead where they say, and the decisions keep their form."""

import re
from pathlib import Path

import pytest
from tests.docs.markdown import DOCS, read

from madang.conversation.asking import RETRY_TEMPERATURE
from madang.queue.waiting import BULK_EVERY
from madang.worker.window import BLOCKS

LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
PAGES = sorted(DOCS.rglob("*.md"))
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
NAMED = re.compile(r"`((?:[a-z_]+/)+[a-z_]+\.py)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_decisions_are_numbered_and_say_three_things(page: Path) -> None:
    text = page.read_text("utf-8")
    number = DECISIONS.index(page) + 1
    assert page.name.startswith(f"{number:04}-")
    assert text.startswith(f"# {number}. ")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == [
        "Context",
        "Choice",
        "Consequence",
    ]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_files_that_decisions_name_are_there(page: Path) -> None:
    core = DOCS.parent / "core" / "madang"
    for name in NAMED.findall(page.read_text("utf-8")):
        assert (core / name).is_file(), name


def test_figures_of_decisions_are_those_of_the_code() -> None:
    assert (RETRY_TEMPERATURE, BULK_EVERY, BLOCKS) == (0.7, 16, 4)
    assert "at 0.7" in read("decisions/0008-greedy-retries-draw.md")
    assert "every sixteenth" in read("decisions/0011-fair-local-queue.md")
    assert "a quarter" in read("decisions/0007-stateless-window.md")
