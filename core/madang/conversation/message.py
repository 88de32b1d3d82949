"""What a person typed, made safe to store and to send."""

import unicodedata

from madang.errors import MessageEmpty, MessageTooLong

_KEPT_CONTROLS = frozenset("\n\t")


def clean_message(text: str, limit: int) -> str:
    """Return `text` in NFC without control characters, ends stripped.

    Lone surrogates become U+FFFD, so that the text can be encoded. Raises `MessageEmpty` where
    nothing is left and `MessageTooLong` over `limit` characters; nothing is cut off silently.
    """
    if len(text) > limit:
        raise MessageTooLong(
            f"The message has {len(text):,} characters, {limit:,} are allowed.",
            "Send a shorter text, or raise limits.message_characters in the profile.",
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = unicodedata.normalize("NFC", "".join(map(_safe, text))).strip()
    if not cleaned:
        raise MessageEmpty("The message is empty.", "Type a question.")
    return cleaned


def _safe(character: str) -> str:
    match unicodedata.category(character):
        case "Cs":
            return "\ufffd"
        case "Cc" if character not in _KEPT_CONTROLS:
            return ""
    return character
