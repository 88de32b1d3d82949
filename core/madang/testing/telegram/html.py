"""The parse mode HTML."""

import html
import re
from dataclasses import dataclass

from madang.testing.telegram.entity import Entity
from madang.testing.telegram.text import units
from madang.testing.telegram.wire import Refusal, bad_request

KINDS = {
    **{"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline"},
    **{"ins": "underline", "s": "strikethrough", "strike": "strikethrough"},
    **{"del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link"},
    **{"tg-emoji": "custom_emoji", "code": "code", "pre": "pre", "blockquote": "blockquote"},
}
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^<>]*)>|<")
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+)))?")


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._text = ""
        self._entities: list[Entity] = []
        self._open: list[_Open] = []

    def read(self) -> tuple[str, list[Entity]]:
        """Read the whole source."""
        at = 0
        for match in _TAG.finditer(self._source):
            self._text += html.unescape(self._source[at : match.start()])
            at = match.end()
            if not match[2]:
                raise self._refusal("Unsupported start tag", match.start())
            if match[1]:
                self._close(match[2].lower(), match.start())
            else:
                self._begin(match[2].lower(), match[3], match.start())
        self._text += html.unescape(self._source[at:])
        if self._open:
            tag = self._open[-1].tag
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{tag}"')
        return self._text, self._entities

    def _begin(self, tag: str, rest: str, at: int) -> None:
        attributes = {name: a or b or c for name, a, b, c in _ATTRIBUTE.findall(rest)}
        if tag not in KINDS or (tag == "span" and attributes.get("class") != "tg-spoiler"):
            raise self._refusal(f'Unsupported start tag "{tag}"', at)
        self._open.append(_Open(tag, attributes, units(self._text)))

    def _close(self, tag: str, at: int) -> None:
        if not self._open:
            raise self._refusal("Unexpected end tag", at)
        begun = self._open.pop()
        if begun.tag != tag:
            place = len(self._source[:at].encode())
            raise _cannot(
                f"Unmatched end tag at byte offset {place}, "
                f'expected "</{begun.tag}>", found "</{tag}>"'
            )
        self._add(begun)

    def _add(self, begun: _Open) -> None:
        kind, had = KINDS[begun.tag], begun.attributes
        length = units(self._text) - begun.offset
        if kind == "blockquote" and "expandable" in had:
            kind = "expandable_blockquote"
        language = had.get("class", "").removeprefix("language-")
        if kind == "code" and self._open and self._open[-1].tag == "pre":
            self._open[-1].attributes["class"] = language
            return
        link = had.get("href", "") if kind == "text_link" else ""
        emoji = had.get("emoji-id", "") if kind == "custom_emoji" else ""
        said = language if kind == "pre" else ""
        if length:
            self._entities.append(Entity(kind, begun.offset, length, link, said, emoji))

    def _refusal(self, what: str, at: int) -> Refusal:
        return _cannot(f"{what} at byte offset {len(self._source[:at].encode())}")


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Read a text with HTML tags."""
    return _Reader(source).read()


def _cannot(why: str) -> Refusal:
    return bad_request(f"can't parse entities: {why}")
