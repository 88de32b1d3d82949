"""The buttons under answers."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from madang.conversation import Reply, Update
from madang.texts import Texts

STOP = "stop"


def under_preview(texts: Texts, reply: Reply) -> InlineKeyboardMarkup | None:
    """Return the buttons under an answer that is being written."""
    stop = InlineKeyboardButton(texts("button.stop"), callback_data=data_of(STOP, reply.turn.id))
    return InlineKeyboardMarkup([[stop]])


def under_answer(texts: Texts, reply: Reply, update: Update) -> InlineKeyboardMarkup | None:
    """Return the buttons under a whole answer."""
    return None


def data_of(name: str, turn: str) -> str:
    """Return what a button sends: its name and the turn it is about, at most 64 bytes."""
    return f"{name}:{turn}"
