"""The parse modes MarkdownV2 and Markdown."""

import re
from dataclasses import dataclass, field

from madang.testing.telegram.entity import Entity
from madang.testing.telegram.text import units
from madang.testing.telegram.wire import Refusal, bad_request

NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "PreCode",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
}
PAIRS = {"__": "underline", "||": "spoiler", "*": "bold", "_": "italic", "~": "strikethrough"}
RESERVED = set("_*[]()~`>#+-=|{}.!")
_LANGUAGE = re.compile(r"[^\s`]+(?=\n)")


@dataclass
class _Reader:
    source: str
    at: int = 0
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    open: list[tuple[str, int, int]] = field(default_factory=list)
    quote: int = -1

    def read(self) -> tuple[str, list[Entity]]:
        """Read the whole source."""
        while self.at < len(self.source):
            self._step()
        if self.open:
            raise self._unfinished(*self.open[-1][:2])
        self._end_quote()
        return self.text, self.entities

    def _step(self) -> None:
        here = self.source[self.at :]
        if here[0] == "\\" and len(here) > 1 and ord(here[1]) < 127:
            self._take(here[1], 2)
        elif here.startswith("```"):
            self._code("pre", "```")
        elif here[0] == "`":
            self._code("code", "`")
        elif here[0] == "[" or here.startswith("!["):
            self._begin("text_link" if here[0] == "[" else "custom_emoji", 2 - (here[0] == "["))
        elif here[0] == "]" and self._is_open(("text_link", "custom_emoji")):
            self._link()
        elif here[0] == ">" and self.text[-1:] in ("", "\n"):
            self.quote = units(self.text) if self.quote < 0 else self.quote
            self.at += 1
        elif pair := next((mark for mark in PAIRS if here.startswith(mark)), ""):
            self._pair(pair)
        elif here[0] in RESERVED:
            why = f"Character '{here[0]}' is reserved and must be escaped with the preceding '\\'"
            raise _cannot(why)
        else:
            self._plain(here[0])

    def _plain(self, char: str) -> None:
        if char == "\n" and self.quote >= 0 and not self.source[self.at + 1 :].startswith(">"):
            self._end_quote()
        self._take(char, 1)

    def _take(self, text: str, width: int) -> None:
        self.text += text
        self.at += width

    def _begin(self, kind: str, width: int) -> None:
        self.open.append((kind, self.at, units(self.text)))
        self.at += width

    def _is_open(self, kinds: tuple[str, ...]) -> bool:
        return bool(self.open) and self.open[-1][0] in kinds

    def _pair(self, mark: str) -> None:
        kind = PAIRS[mark]
        if self._is_open((kind,)):
            self._add(kind, self.open.pop()[2])
            self.at += len(mark)
        else:
            self._begin(kind, len(mark))

    def _code(self, kind: str, fence: str) -> None:
        begun, inside = units(self.text), self.at + len(fence)
        language = _LANGUAGE.match(self.source, inside) if kind == "pre" else None
        inside = language.end() + 1 if language else inside
        found = re.compile(rf"((?:\\.|[^\\])*?){fence}", re.DOTALL).match(self.source, inside)
        if found is None:
            raise self._unfinished(kind, self.at)
        self.text += re.sub(r"\\(.)", r"\1", found[1])
        self.at = found.end()
        self._add(kind, begun, language=language[0] if language else "")

    def _link(self) -> None:
        kind, _, begun = self.open.pop()
        target = re.compile(r"\]\(((?:\\.|[^)\\])*)\)").match(self.source, self.at)
        url = re.sub(r"\\(.)", r"\1", target[1]) if target else ""
        self.at = target.end() if target else self.at + 1
        if kind == "custom_emoji":
            self._add(kind, begun, emoji=url.partition("id=")[2])
        elif url:
            self._add(kind, begun, url=url)

    def _end_quote(self) -> None:
        if self.quote >= 0:
            folded = self.text.endswith("||")
            self._add("expandable_blockquote" if folded else "blockquote", self.quote)
            self.quote = -1

    def _add(
        self, kind: str, begun: int, *, url: str = "", language: str = "", emoji: str = ""
    ) -> None:
        length = units(self.text) - begun
        if length:
            self.entities.append(Entity(kind, begun, length, url, language, emoji))

    def _unfinished(self, kind: str, at: int) -> Refusal:
        place = len(self.source[:at].encode())
        return _cannot(f"Can't find end of {NAMES[kind]} entity at byte offset {place}")


def parse_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    """Read a text in MarkdownV2."""
    return _Reader(source).read()


_OLD = re.compile(
    r"\\([_*`\[])|```(?:([\w+-]+)\n)?(.*?)```|`([^`]*)`|\*([^*]*)\*|_([^_]*)_"
    r"|\[([^\]]*)\]\(([^)]*)\)|([_*`])",
    re.DOTALL,
)


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """Read a text in the old Markdown, whose entities do not nest."""
    text, entities, at = "", [], 0
    for match in _OLD.finditer(source):
        text += source[at : match.start()]
        at = match.end()
        if match[9]:
            place = len(source[: match.start()].encode())
            raise _cannot(f"Can't find end of the entity starting at byte offset {place}")
        group = next((n for n in (1, 3, 4, 5, 6, 7) if match[n] is not None), 1)
        kinds = {3: "pre", 4: "code", 5: "bold", 6: "italic", 7: "text_link"}
        inner = match[group]
        if group in kinds and inner:
            more = (match[8] or "", match[2] or "")
            entities.append(Entity(kinds[group], units(text), units(inner), *more))
        text += inner
    return text + source[at:], entities


def _cannot(why: str) -> Refusal:
    return bad_request(f"can't parse entities: {why}")
