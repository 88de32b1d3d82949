"""The buttons under answers."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from madang.contract import Turn, TurnState
from madang.conversation import Reply, Update
from madang.texts import Texts

STOP = "stop"
RETRY = "retry"
GO_ON = "more"
BEFORE = "before"
AFTER = "after"
ASK = "ask"
MENU = "menu"
CHOOSE = "who"
SET = "set"
FORGET = "forget"
APPROVE = "let"
CANCEL = "cancel"


def under_preview(texts: Texts, reply: Reply) -> InlineKeyboardMarkup:
    """Return the buttons under an answer that is being written."""
    return InlineKeyboardMarkup([[button(texts("button.stop"), STOP, reply.turn.id)]])


def under_answer(
    texts: Texts, reply: Reply, update: Update, variants: Sequence[Turn] = ()
) -> InlineKeyboardMarkup:
    """Return the buttons under a whole answer; of several `variants` it shows which one this is."""
    turn = reply.turn.id
    row = [button(texts("button.retry"), RETRY, turn)]
    if update.text and (update.cut or update.state is TurnState.STOPPED):
        row.append(button(texts("button.more"), GO_ON, turn))
    number = [each.id for each in variants].index(turn) + 1 if len(variants) > 1 else 1
    if number > 1:
        row.append(button(f"◀ {number}/{len(variants)}", BEFORE, turn))
    if number < len(variants):
        row.append(button(f"{number}/{len(variants)} ▶", AFTER, turn))
    return InlineKeyboardMarkup([row])


def button(label: str, name: str, about: str) -> InlineKeyboardButton:
    """Return a button that sends its name and what it is about, 64 bytes at most."""
    return InlineKeyboardButton(label, callback_data=f"{name}:{about}")
