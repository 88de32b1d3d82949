"""The text of a file that somebody sent: .txt, .md or .pdf."""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from itertools import accumulate
from pathlib import PurePath

from madang.errors import DocumentEmpty, DocumentTooLarge, DocumentUnreadable, DocumentUnsupported
from madang.generating.pdf import pages_of

KINDS = {".txt": "text", ".md": "markdown", ".markdown": "markdown", ".pdf": "pdf"}
MOST_BYTES = 8 * 2**20
MOST_CHARACTERS = 400_000

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Korean text files that are not UTF-8 were nearly all saved by Windows as code page 949.
ENCODINGS = ("utf-8", "cp949")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
LINE_END = re.compile(r"\r\n?|[\f\v\x85\u2028\u2029]")


@dataclass(frozen=True)
class Document:
    """Hold a file as it was sent; for the text of a message give a name that ends in `.txt`."""

    name: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Hold a document's text in NFC with `\\n` line ends.

    `pages` are the offsets in characters at which its pages begin; empty where it has none.
    """

    name: str
    text: str
    markdown: bool = False
    pages: tuple[int, ...] = ()


def check_file(name: str, size: int) -> str:
    """Return the kind of a file by its name, before anybody fetches it.

    Raises `DocumentUnsupported` for another kind and `DocumentTooLarge` for too many bytes.
    """
    kind = KINDS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise DocumentUnsupported(
            f"{name}: cannot be read.", f"Files may be {', '.join(KINDS)}; save it as one of these."
        )
    if size > MOST_BYTES:
        raise DocumentTooLarge(
            f"{name}: has {size:,} bytes; at most {MOST_BYTES:,} are read.", "Split the file."
        )
    return kind


async def read(document: Document) -> Reading:
    """Return the text of a document, or raise a `DocumentError` that says what is wrong with it."""
    kind = check_file(document.name, len(document.data))
    if kind == "pdf":
        pages = [_clean(page) for page in await pages_of(document.name, document.data)]
    else:
        pages = [_clean(_decoded(document))]
    text = "\n".join(pages)
    if not any(map(str.isalnum, text)):
        raise DocumentEmpty(
            f"{document.name}: holds no text.", "A scanned document needs text recognition first."
        )
    if len(text) > MOST_CHARACTERS:
        raise DocumentTooLarge(
            f"{document.name}: has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read.",
            "Split the file.",
        )
    starts = accumulate((len(page) + 1 for page in pages[:-1]), initial=0)
    return Reading(
        name=document.name,
        text=text,
        markdown=kind == "markdown",
        pages=tuple(starts) if kind == "pdf" else (),
    )


def _decoded(document: Document) -> str:
    data = document.data
    marked = [encoding for mark, encoding in MARKS.items() if data.startswith(mark)]
    for encoding in marked or ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # What is no text, such as a renamed archive, is full of control characters.
        if len(CONTROL.findall(LINE_END.sub("\n", text))) * 100 <= len(text):
            return text
    raise DocumentUnreadable(f"{document.name}: is no text.", "Save it as text in UTF-8.")


def _clean(text: str) -> str:
    text = CONTROL.sub("", LINE_END.sub("\n", text))
    return unicodedata.normalize("NFC", SURROGATE.sub("\ufffd", text))
