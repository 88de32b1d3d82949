"""What both ways of talking share: where somebody talks, with whom, and on what screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from madang.contract import Author, PersonaText, Place, Turn
from madang.conversation import Bound, Conversations
from madang.errors import MadangError
from madang.setup import PersonaInfo
from madang.texts import Texts
from madang.yard import Yard

Tone = Literal["plain", "heading", "note", "problem"]

TYPED = "terminal_input"
"""The file, in the data folder, that keeps what was typed at a terminal."""


class Screen(Protocol):
    """Show things to a person; the terminal paints them, a pipe keeps them off stdout."""

    async def tell(self, text: str, tone: Tone = "note") -> None:
        """Show words of the terminal's own."""
        ...

    async def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Show rows in aligned columns; the first one is what can be typed."""
        ...

    async def turns(self, turns: Sequence[Turn]) -> None:
        """Show what was said before."""
        ...

    async def heard(self, text: str, *, command: bool = False) -> None:
        """Show what the person has just typed: something said, or a command."""
        ...

    async def failed(self, problem: str) -> None:
        """Show why what was said gets no answer."""
        ...

    async def confirm(self, question: str, *, unattended: bool) -> bool:
        """Ask for a yes; return `unattended` where nobody can be asked."""
        ...

    def prefill(self, line: str) -> bool:
        """Put a line before the person to change and send; False where nobody could."""
        ...

    def forget(self) -> None:
        """Delete what was kept of the person's typing."""
        ...


@dataclass(kw_only=True)
class Talk:
    """Hold one person's talk at one place; `offered` says that the persona menu was just shown."""

    yard: Yard
    place: Place
    author: Author
    screen: Screen
    leaving: bool = False
    offered: bool = False
    current: Bound | None = None

    @property
    def conversations(self) -> Conversations:
        """Return what there is to do with a conversation."""
        return self.yard.conversations

    @property
    def texts(self) -> Texts:
        """Return the words of this place's language."""
        return self.yard.texts(__package__, self.place)

    def text_of(self, info: PersonaInfo) -> PersonaText:
        """Return what a persona says of itself in this place's language."""
        return info.persona.text(self.yard.locale(self.place))

    @property
    def personas(self) -> Sequence[PersonaInfo]:
        """List the personas in the order in which they are numbered."""
        return self.yard.personas(self.place)

    @property
    def current_info(self) -> PersonaInfo | None:
        """Return the persona that answers here."""
        name = self.current.persona.name if self.current else ""
        return next((info for info in self.personas if info.persona.name == name), None)

    def about(self) -> list[str]:
        """Say in lines which profile this is, and which models answer here."""
        texts, infos = self.texts, self.personas
        models = {each.bound.binding.model: each.model for each in infos if each.bound}
        lines = [texts("banner.profile", profile=self.yard.profile)]
        for name, model in models.items():
            about = model.description if model else ""
            key = "banner.model" if about else "banner.model_plain"
            lines.append(texts(key, name=name, description=about))
        return lines

    async def refresh(self) -> None:
        """Look up who answers here now; nobody, where all is switched off."""
        try:
            self.current = await self.conversations.current(self.place)
        except MadangError:
            self.current = None

    def find(self, word: str) -> str:
        """Return the reference that a number, a name, a title or its beginning means, or ''."""
        word = _plain(word)
        if word.isdecimal():
            known = [info.persona.name for info in self.personas]
            return known[int(word) - 1] if 1 <= int(word) <= len(known) else ""
        labels = self._labels()
        found = {labels[word]} if word in labels else set()
        found = found or {at for label, at in labels.items() if word and label.startswith(word)}
        # A name begins all of its modes: the shortest is meant when it begins all that was found.
        first = min(found, key=len, default="")
        return first if all(each.startswith(first) for each in found) else ""

    def _labels(self) -> dict[str, str]:
        labels = {_plain(self.text_of(info).title): info.persona.name for info in self.personas}
        for info in self.personas:
            labels |= {_plain(reference): reference for reference in info.references}
        return labels


def _plain(word: str) -> str:
    return "".join(word.casefold().split())
