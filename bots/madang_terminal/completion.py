"""What Tab offers: commands after a slash, personas where one can be named."""

from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from madang_terminal.commands import COMMANDS, aliases, find_command
from madang_terminal.exporting import SUFFIXES
from madang_terminal.talk import Talk

Offer = tuple[str, str]


class LineCompleter(Completer):
    """Complete the first word of a command or address, and what a command takes."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Offer what begins with the word before the cursor."""
        line = document.text_before_cursor
        if line[:1] not in ("/", "@") or line[:2] in ("//", "@@") or "\n" in line:
            return
        first, space, rest = line.partition(" ")
        if space and line[0] == "/":
            yield from _beginning(rest, self._arguments(first[1:]))
        elif not space:
            offers = self._commands() if line[0] == "/" else self._personas()
            yield from _beginning(first[1:], offers)

    def _arguments(self, word: str) -> Iterator[Offer]:
        command = find_command(word)
        match command.name if command else "":
            case "persona":
                yield from self._personas()
            case "help":
                yield from self._commands()
            case "export":
                yield from ((kind, suffix) for kind, suffix in SUFFIXES.items())

    def _commands(self) -> Iterator[Offer]:
        texts = self.talk.texts
        for name in COMMANDS:
            yield name, texts(f"command.{name}.summary")
        for alias, name in aliases(self.talk.yard.locale(self.talk.place)).items():
            yield alias, texts(f"command.{name}.summary")

    def _personas(self) -> Iterator[Offer]:
        for info in self.talk.personas:
            for reference in info.references:
                yield reference, self.talk.text_of(info).title


def _beginning(word: str, offers: Iterable[Offer]) -> Iterator[Completion]:
    for text, about in offers:
        # An empty word would offer every alias too; the names alone teach better.
        if text.startswith(word) and (word or text.isascii()):
            yield Completion(text, start_position=-len(word), display_meta=about)
