"""A persona folder: reading it, and what happens when its files change."""

import logging
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from madang.errors import PersonaError, TemplateError
from madang.persona import PersonaFolder

GARDENER = Path(__file__).parent / "data" / "gardener"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the gardener that may be changed."""
    return Path(shutil.copytree(GARDENER, tmp_path / "gardener"))


def rewrite(path: Path, old: str, new: str) -> None:
    """Replace words in a file so that its time stamp surely changes."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    touch(path)


def touch(path: Path) -> None:
    """Move a file's time on, whatever the clock of the file system can tell apart."""
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))


def test_a_folder_of_data_is_a_whole_persona(folder: Path) -> None:
    persona = PersonaFolder(folder).current()

    assert persona.name == "gardener"
    assert persona.options == {"season": "봄"}
    assert persona.text("en").title == "정원사"
    assert persona.forms["general"].history == 2
    assert persona.forms["general"].kind == "chat"
    seed = persona.forms["seed"]
    assert seed.template.question == "물음({season}): {question}\n대답:"
    assert seed.template.past_question == seed.template.question
    assert seed.template.past_answer == "{answer}\n"
    assert seed.sampling.temperature == 1.0
    assert seed.sampling.stop == ("\n물음",)
    assert seed.polished("  물을 주세요. \n물음(봄): 또", final=True) == "물을 주세요."


def test_an_unchanged_folder_is_not_read_again(folder: Path) -> None:
    source = PersonaFolder(folder)

    assert source.current() is source.current()


@pytest.mark.parametrize("file", ["persona.toml", "seed.txt"])
def test_a_change_shows_at_once(folder: Path, file: str) -> None:
    source = PersonaFolder(folder)
    before = source.current()
    old, new = {"persona.toml": ("봄", "가을"), "seed.txt": ("대답", "답")}[file]
    rewrite(folder / file, old, new)

    after = source.current()

    assert after != before
    assert source.problem is None


def test_a_bad_version_is_warned_of_once_and_the_last_good_one_stays(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = PersonaFolder(folder)
    before = source.current()
    rewrite(folder / "seed.txt", "{question}", "{qestion}")

    with caplog.at_level(logging.WARNING, "madang.persona"):
        assert source.current() is before
        assert source.current() is before

    assert len(caplog.records) == 1
    assert "seed.txt" in caplog.text
    assert isinstance(source.problem, TemplateError)


def test_a_repaired_file_is_good_again(folder: Path) -> None:
    source = PersonaFolder(folder)
    source.current()
    good = (folder / "persona.toml").read_text("utf-8")
    (folder / "persona.toml").write_text("name = ", "utf-8")
    source.current()
    assert source.problem is not None

    (folder / "persona.toml").write_text(good.replace("정원사", "꽃지기"), "utf-8")

    assert source.current().text("ko").title == "꽃지기"
    assert source.problem is None


def test_a_deleted_and_restored_template_is_noticed(folder: Path) -> None:
    source = PersonaFolder(folder)
    before = source.current()
    (folder / "seed.txt").rename(folder / "away.txt")
    assert source.current() is before
    assert source.problem is not None
    assert "away.txt" in source.problem.hint

    (folder / "away.txt").rename(folder / "seed.txt")

    assert source.current() == before
    assert source.problem is None


def test_a_running_persona_is_not_renamed(folder: Path) -> None:
    source = PersonaFolder(folder)
    assert source.name == "gardener"
    rewrite(folder / "persona.toml", '"gardener"', '"florist"')

    assert source.name == "gardener"
    assert "name: changed from 'gardener' to 'florist'" in str(source.problem)


def test_a_first_version_that_is_bad_raises_until_it_is_repaired(folder: Path) -> None:
    rewrite(folder / "persona.toml", '"gardener"', '"the gardener"')
    source = PersonaFolder(folder)
    for _ in range(2):
        with pytest.raises(PersonaError, match="cannot be a name"):
            source.current()

    rewrite(folder / "persona.toml", '"the gardener"', '"gardener"')

    assert source.current().name == "gardener"


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(folder: Path) -> None:
    plain = PersonaFolder(folder).current()
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    assert PersonaFolder(folder).current().forms["seed"].template == plain.forms["seed"].template


def test_text_that_is_not_utf8_names_the_place(folder: Path) -> None:
    (folder / "seed.txt").write_bytes(b"one\n\xb9\xb0\xc0\xbd {question}\n")

    with pytest.raises(PersonaError, match=r"seed\.txt:2:1: is not UTF-8"):
        PersonaFolder(folder).current()


def test_a_missing_folder_names_itself(tmp_path: Path) -> None:
    with pytest.raises(PersonaError, match="there is no such file") as caught:
        PersonaFolder(tmp_path / "nowhere").current()

    assert "no folder" in caught.value.hint


def test_a_folder_instead_of_a_file_cannot_be_read(folder: Path) -> None:
    (folder / "seed.txt").unlink()
    (folder / "seed.txt").mkdir()

    with pytest.raises(PersonaError, match=r"seed\.txt: cannot be read"):
        PersonaFolder(folder).current()


def test_a_package_gives_its_folder() -> None:
    source = PersonaFolder.of("madang_culture_qa")

    assert source.path.name == "madang_culture_qa"
    assert repr(source).startswith("PersonaFolder(")
    assert source.name == "culture_qa"


def test_a_package_in_an_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_gardener/__init__.py", "")
        file.writestr("zipped_gardener/persona.toml", 'name = "gardener"')
    monkeypatch.syspath_prepend(archive)

    with pytest.raises(PersonaError, match=r"'zipped_gardener' has no persona\.toml") as caught:
        PersonaFolder.of("zipped_gardener")

    assert "unzipped" in caught.value.hint


def test_a_package_without_the_file_is_told_at_once() -> None:
    with pytest.raises(PersonaError, match=r"'madang\.contract' has no persona\.toml"):
        PersonaFolder.of("madang.contract")
