"""Make questions and answers out of a document, as a JSONL file.

The document (.txt, .md or .pdf, or text through `-`) is cut into passages of whole sentences. The
persona qa_generator makes several samples of each; answers that its judge refuses are tried again
or dropped, and questions that were asked already are left out. Every line of the file has the
question, the answer, the passage, where that stands (file, page, heading, offset in characters),
and the model with its licence.

Ctrl-C ends the job and writes what is done; a second one gives up. The file is written beside its
place and then put there, so that it is whole or not there at all.
"""

import argparse
import asyncio
import contextlib
import getpass
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from madang.cli.profile import add_profile_options, setup_from
from madang.contract import Author, Place
from madang.errors import DocumentUnreadable, MadangError
from madang.generating import MOST_BYTES, Document, Generated, Headway, generate
from madang.generating.generate import MOST_SAMPLES, PERSONA, SIZES
from madang.generating.passages import SIZE
from madang.generating.words import headway_words, outcome_words
from madang.operating import logged
from madang.setup import Setup
from madang.texts import Texts
from madang.yard import open_yard

PLACE = Place("terminal/generate")
STANDARD_INPUT = "-"
WORDS = Texts.of("madang", "en")
EXAMPLES = """\
examples:
  madang generate book.pdf                          two samples of every passage, in book.jsonl
  madang generate notes.md --samples 5 --mode writing --output set.jsonl
  cat *.txt | madang generate - --output set.jsonl
  madang generate book.pdf --profile seeds          with the model that was trained for it
"""


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add the document and what to make of it."""
    parser.epilog = EXAMPLES
    parser.add_argument("file", metavar="FILE", help="a .txt, .md or .pdf file; - reads text")
    parser.add_argument(
        "--samples",
        type=_number(range(1, MOST_SAMPLES + 1)),
        metavar="N",
        default=2,
        help=f"questions to ask of each passage, 1 to {MOST_SAMPLES} (default: 2)",
    )
    parser.add_argument(
        "--mode", default="", help="simple-qa, writing or creative-writing (default: the profile's)"
    )
    parser.add_argument(
        "--size",
        type=_number(SIZES),
        metavar="N",
        default=SIZE,
        help=f"the most characters of a passage, {SIZES[0]} to {SIZES[-1]} (default: {SIZE})",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="where to write, replacing what is there (default: the same name with .jsonl)",
    )
    add_profile_options(parser)


def run(options: argparse.Namespace) -> int:
    """Make the file; 1 when something stood in the way, 130 after Ctrl-C."""
    document = _document(options.file)
    output = _output(options, document)
    setup = setup_from(options)
    for complaint in setup.complaints:
        print(f"madang: {complaint}", file=sys.stderr)
    with logged(setup, screen=False):
        generated = asyncio.run(_generate(setup, document, options))
    if generated.pairs:
        _write(output, generated.jsonl)
        print(output)
    print(outcome_words(WORDS, generated), file=sys.stderr)
    if generated.problem:
        print(f"madang: {generated.problem.message}\n  {generated.problem.hint}", file=sys.stderr)
    if generated.cancelled:
        return 130
    return 1 if generated.problem else 0


def _number(allowed: range) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) not in allowed:
            raise argparse.ArgumentTypeError(
                f"'{text}' is no number from {allowed[0]} to {allowed[-1]:,}"
            )
        return int(text)

    return number


def _document(name: str) -> Document:
    # One byte more than is read shows that there is more.
    if name == STANDARD_INPUT:
        return Document("stdin.txt", sys.stdin.buffer.read(MOST_BYTES + 1))
    try:
        with Path(name).open("rb") as file:
            return Document(Path(name).name, file.read(MOST_BYTES + 1))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise DocumentUnreadable(f"{name}: cannot be read: {why}.") from error


def _output(options: argparse.Namespace, document: Document) -> Path:
    """Return where to write, once that is sure to be possible."""
    given: Path | None = options.output
    path = given or Path(Path(document.name).stem + ".jsonl")
    if given is None and path.exists():
        raise MadangError(f"{path} is there already.", "Move it away, or say --output FILE.")
    if path.exists() and options.file != STANDARD_INPUT and path.samefile(options.file):
        raise MadangError(f"{path} is the document itself.", "Choose another --output.")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise MadangError(f"{path}: cannot be written.", "Choose another place with --output.")
    return path


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise MadangError(
            f"{path}: cannot be written: {error.strerror}.", "Choose another place with --output."
        ) from error
    finally:
        part.unlink(missing_ok=True)


async def _generate(setup: Setup, document: Document, options: argparse.Namespace) -> Generated:
    screen = Screen()
    try:
        async with open_yard(setup) as yard:
            return await generate(
                yard,
                document,
                author=Author(f"terminal:{_login()}", _login()),
                place=PLACE,
                persona=f"{PERSONA}:{options.mode}" if options.mode else PERSONA,
                samples=options.samples,
                size=options.size,
                progress=screen.show,
                cancel=_interrupted(),
            )
    finally:
        screen.close()


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A container may run as a user that has no name.
        return "nobody"


def _interrupted() -> asyncio.Event:
    """Return what the first Ctrl-C sets; the second one works as ever."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()

    def interrupt() -> None:
        event.set()
        loop.remove_signal_handler(signal.SIGINT)

    with contextlib.suppress(NotImplementedError):  # Windows: there the first one gives up
        loop.add_signal_handler(signal.SIGINT, interrupt)
    return event


class Screen:
    """Show how far the job is: one line of a terminal, elsewhere a line for every twentieth."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = ""
        self._share = -1

    def show(self, headway: Headway) -> None:
        """Show it when it changed."""
        words = headway_words(WORDS, headway)
        share = 20 * headway.done // max(headway.total, 1)
        if words == self._last or not (self._terminal or share > self._share):
            return
        self._last, self._share = words, share
        if self._terminal:
            print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)
        else:
            print(words, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the line."""
        if self._terminal and self._last:
            print(file=sys.stderr)
