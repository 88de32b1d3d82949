"""docs/generating.md says what the code does."""

from pathlib import Path

from tests.docs.markdown import blocks, read, rows

from madang.generating import KINDS, MOST_BYTES, Generated
from madang.generating.job import AT_ONCE
from madang.generating.passages import SIZE
from madang.generating.pdf import PATIENCE_SECONDS
from madang.generating.pdf_pages import MEMORY_BYTES, MOST_PAGES
from madang.generating.reading import MOST_CHARACTERS
from madang.testing import ScriptedBackend, open_chat

TEXT = " ".join(read("generating.md").split())
PROFILE = """\
[models.echo]
backend = "echo"
[defaults]
model = "echo"
form = "general"
"""


def test_the_kinds_of_files_are_those_that_are_read() -> None:
    names = [
        name.strip() for row in rows(read("generating.md"), "kind") for name in row[1].split(",")
    ]
    assert names == list(KINDS)


def test_the_figures_are_those_of_the_code() -> None:
    most = f"{MOST_BYTES // 2**20} MiB, {MOST_CHARACTERS:,} characters and {MOST_PAGES:,} pages"
    assert f"At most {most}" in TEXT
    assert f"{PATIENCE_SECONDS:.0f} seconds and {MEMORY_BYTES // 2**30} GiB" in TEXT
    assert f"at most {SIZE} characters (`--size`)" in TEXT
    assert AT_ONCE == 4 and "four requests at a time" in TEXT


async def test_the_example_in_code_works(tmp_path: Path) -> None:
    code = next(each.text for each in blocks(read("generating.md")) if each.language == "python")
    names: dict[str, object] = {}
    exec(code, names)
    make = names["make"]
    assert callable(make)
    profile = tmp_path / "test.toml"
    profile.write_text(PROFILE, "utf-8")
    backend = ScriptedBackend(answers=["[[Q]] 무엇이? [[A]] 잎이"] * 2)
    async with open_chat(profile, backend=backend) as chat:
        generated = await make(chat.yard, "잎은 햇빛을 받는다.")
    assert isinstance(generated, Generated)
    assert (generated.name, len(generated.pairs)) == ("message.jsonl", 1)
