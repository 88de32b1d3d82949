"""The process that reads one PDF file: bytes on standard input, JSON on standard output."""

import io
import logging
import sys
from typing import TYPE_CHECKING

import msgspec

from madang.generating.pdf import PATIENCE_SECONDS, Pages
from madang.generating.reading import MOST_CHARACTERS

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 1000
MEMORY_BYTES = 2**30


def bound_resources() -> None:
    """Bound the time and memory of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: there the parent's patience is the only bound
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    bytes_ = MEMORY_BYTES if most == resource.RLIM_INFINITY else min(MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_AS, (bytes_, most))
    seconds = int(PATIENCE_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def texts_of(reader: "PdfReader") -> Pages:
    """Return the texts of the pages, unless they come to more than anybody reads."""
    pages, room = [], MOST_CHARACTERS
    for page in reader.pages:
        pages.append(page.extract_text())
        room -= len(pages[-1])
        if room < 0:
            return Pages(problem="large", detail=f"more than {MOST_CHARACTERS:,} characters")
    return Pages(pages=pages)


def read_pages(data: bytes) -> Pages:
    """Return the text of every page, or the kind of problem."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, FileNotDecryptedError
    except ImportError as error:
        return Pages(problem="package", detail=error.name or "pypdf")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        # Many files are locked against changes only, which an empty password opens.
        if reader.is_encrypted and not reader.decrypt(""):
            return Pages(problem="locked")
        if len(reader.pages) > MOST_PAGES:
            return Pages(problem="large", detail=f"more than {MOST_PAGES:,} pages")
        return texts_of(reader)
    except (DependencyError, FileNotDecryptedError):
        return Pages(problem="locked")
    except MemoryError:
        return Pages(problem="memory")
    except Exception as error:  # noqa: BLE001 - damaged files make pypdf raise just about anything
        return Pages(problem="damaged", detail=f"{type(error).__name__}")


def main() -> None:
    """Read standard input and answer."""
    bound_resources()
    read = read_pages(sys.stdin.buffer.read())
    sys.stdout.buffer.write(msgspec.json.encode(read))


if __name__ == "__main__":
    main()
