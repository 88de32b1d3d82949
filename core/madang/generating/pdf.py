"""Text out of PDF files, in a process of its own.

Crafted files keep a PDF library busy for hours or eat all memory, and more ways to do so are
found every year. What comes from strangers is read where time and memory are bounded.
"""

import asyncio
import sys

import msgspec

from madang.errors import (
    DocumentError,
    DocumentTooLarge,
    DocumentUnreadable,
    MissingPackage,
)

PATIENCE_SECONDS = 60.0


class Pages(msgspec.Struct, frozen=True):
    """Carry the text of every page, or why there is none."""

    pages: list[str] = []
    problem: str = ""
    detail: str = ""


async def pages_of(name: str, data: bytes, *, patience: float = PATIENCE_SECONDS) -> list[str]:
    """Return the text of each page of a PDF file.

    Raises `MissingPackage` without pypdf, `DocumentUnreadable` for a damaged or locked file or one
    that takes longer than `patience` seconds, and `DocumentTooLarge` for too many pages.
    """
    # -P keeps files of the current folder from being imported in place of modules.
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "madang.generating.pdf_pages"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(patience):
            out, _ = await child.communicate(data)
    except TimeoutError as error:
        raise _refusal(name, "slow", "") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    read = msgspec.json.decode(out, type=Pages) if child.returncode == 0 else Pages(problem="died")
    if read.problem:
        raise _refusal(name, read.problem, read.detail)
    return read.pages


def _refusal(name: str, problem: str, detail: str) -> DocumentError | MissingPackage:
    if problem == "package":
        return MissingPackage(
            f"{name}: reading PDF files needs a package that is not there: {detail}.",
            "Install it: pip install 'madang[documents]'.",
        )
    if problem == "large":
        return DocumentTooLarge(f"{name}: has {detail}.", "Split the file.")
    if problem == "locked":
        return DocumentUnreadable(f"{name}: is locked by a password.", "Save a copy without one.")
    if problem == "damaged":
        return DocumentUnreadable(f"{name}: is no sound PDF file: {detail}.", "Save it once more.")
    return DocumentUnreadable(
        f"{name}: takes too long or too much memory to read.", "Save its text as a .txt file."
    )
