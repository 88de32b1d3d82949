"""Keyboards: the buttons under a message, checked as the service checks them."""

from typing import Any

from madang.testing.telegram.params import Params
from madang.testing.telegram.wire import Json, bad_request

ROW = 8
MOST = 100
DATA = 64
ACTIONS = {
    *("url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text"),
    *("switch_inline_query_current_chat", "switch_inline_query_chosen_chat"),
    *("callback_game", "pay"),
}
OTHERS = {"keyboard", "remove_keyboard", "force_reply"}


def keyboard_of(params: Params) -> Json | None:
    """Read and check the keyboard of a call; None where there is none."""
    markup = params.object("reply_markup")
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        if not OTHERS & set(markup):
            raise bad_request("object expected as reply markup")
        return markup
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse inline keyboard: expected an array of arrays")
    for row in rows:
        for button in row:
            _check_button(button)
    if any(len(row) > ROW for row in rows) or sum(map(len, rows)) > MOST:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if any(rows) else None


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request(
            'can\'t parse inline keyboard button: Field "text" must be of type String'
        )
    if not button["text"].strip():
        raise bad_request("can't parse inline keyboard button: text must be non-empty")
    actions = ACTIONS & set(button)
    if not actions:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one action is allowed")
    if "callback_data" in actions and not 1 <= len(str(button["callback_data"]).encode()) <= DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = str(button.get("url", "tg://"))
    if not url.startswith(("http://", "https://", "tg://")) and "." not in url:
        raise bad_request("BUTTON_URL_INVALID")
