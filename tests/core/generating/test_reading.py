"""Files that people send: what is read of them, and what they are told of those that are not."""

import io
import unicodedata
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from tests.core.generating.pdf_files import pdf_of

from madang.errors import (
    DocumentEmpty,
    DocumentError,
    DocumentTooLarge,
    DocumentUnreadable,
    DocumentUnsupported,
    MissingPackage,
)
from madang.generating import MOST_BYTES, Document, check_file
from madang.generating.pdf import pages_of
from madang.generating.reading import MOST_CHARACTERS, read

TEXT = "마당은 집 안의 빈터이다.\n모두가 모인다."


def archive() -> bytes:
    """Return a zip file with something in it."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("책.txt", TEXT * 100)
    return kept.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
async def test_text_is_read_in_the_encodings_that_people_have(encoding: str) -> None:
    data = TEXT.replace("\n", "\r\n").encode(encoding)
    reading = await read(Document("글.TXT", data))
    assert (reading.text, reading.markdown, reading.pages) == (TEXT, False, ())


async def test_hangul_in_pieces_is_joined() -> None:
    apart = unicodedata.normalize("NFD", TEXT)
    assert (await read(Document("글.md", apart.encode()))).text == TEXT


async def test_pages_of_a_pdf_begin_where_they_begin() -> None:
    reading = await read(Document("책.pdf", pdf_of(["첫째 쪽이다.", TEXT, "끝."])))
    starts = [reading.text[start:][:2] for start in reading.pages]
    assert starts == ["첫째", "마당", "끝."]
    assert "모두가 모인다." in reading.text


@pytest.mark.parametrize(
    ("name", "data", "kind", "words"),
    [
        ("글.zip", archive(), DocumentUnsupported, ".txt, .md, .markdown, .pdf"),
        ("이름없음", b"a", DocumentUnsupported, "cannot be read"),
        ("글.txt", archive(), DocumentUnreadable, "is no text"),
        ("글.md", bytes(range(256)) * 9, DocumentUnreadable, "is no text"),
        ("글.txt", b"", DocumentEmpty, "holds no text"),
        ("글.txt", b" \n---\n", DocumentEmpty, "holds no text"),
        ("글.txt", b"a" * (MOST_BYTES + 1), DocumentTooLarge, "bytes"),
        ("글.txt", b"a" * (MOST_CHARACTERS + 1), DocumentTooLarge, "characters"),
        ("책.pdf", pdf_of(["", ""]), DocumentEmpty, "recognition"),
        ("책.pdf", pdf_of(["가" * (MOST_CHARACTERS + 1)]), DocumentTooLarge, "characters"),
        ("책.pdf", archive(), DocumentUnreadable, "no sound PDF file"),
        ("책.pdf", b"", DocumentUnreadable, "no sound PDF file"),
        ("책.pdf", pdf_of([TEXT])[:300], DocumentUnreadable, "no sound PDF file"),
    ],
)
async def test_what_cannot_be_read_is_said(
    name: str, data: bytes, kind: type[DocumentError], words: str
) -> None:
    with pytest.raises(kind, match=name) as refused:
        await read(Document(name, data))
    assert words in str(refused.value)
    assert refused.value.hint


def test_a_file_is_refused_before_anybody_fetches_it() -> None:
    assert check_file("책.PDF", MOST_BYTES) == "pdf"
    with pytest.raises(DocumentTooLarge):
        check_file("책.pdf", MOST_BYTES + 1)


def locked(user: str, algorithm: str = "AES-256") -> bytes:
    """Return a PDF file with a password for reading, and one for changing."""
    kept = io.BytesIO()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_of([TEXT]))))
    writer.encrypt(user, "owner", algorithm=algorithm)
    writer.write(kept)
    return kept.getvalue()


async def test_a_password_is_named_unless_it_only_forbids_changes() -> None:
    with pytest.raises(DocumentUnreadable, match="locked by a password"):
        await read(Document("책.pdf", locked("secret")))
    for algorithm in ("RC4-128", "AES-256"):
        assert "마당은" in (await read(Document("책.pdf", locked("", algorithm)))).text


async def test_a_pdf_that_takes_too_long_is_let_go() -> None:
    with pytest.raises(DocumentUnreadable, match="too long or too much memory"):
        await pages_of("책.pdf", pdf_of([TEXT]), patience=0.01)


async def test_without_its_package_the_command_to_install_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pypdf.py").write_text("raise ImportError(name='pypdf')", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(MissingPackage, match=r"pypdf") as missing:
        await pages_of("책.pdf", pdf_of([TEXT]))
    assert "pip install 'madang[documents]'" in missing.value.hint
