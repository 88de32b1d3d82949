"""Methods that change or remove messages."""

from madang.testing.telegram.entities import Styled
from madang.testing.telegram.keyboards import keyboard_of
from madang.testing.telegram.messages import Message
from madang.testing.telegram.params import Params
from madang.testing.telegram.reading import (
    caption_of,
    chat_of,
    chat_to_write,
    text_of,
)
from madang.testing.telegram.rich import document_of
from madang.testing.telegram.wire import Json, bad_request
from madang.testing.telegram.world import World

DELETABLE = 48 * 3600.0
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def edit_message_text(world: World, params: Params) -> Json:
    """Replace the text of a message of one's own; without a keyboard the old one goes."""
    message = _own(world, params)
    if message.stored:
        raise bad_request("there is no text in the message to edit")
    if "rich_message" in params and world.rich != "unknown":
        if params.text("text"):
            raise bad_request("exactly one of text and rich_message must be used")
        content, rich = document_of(world, params)
        return _change(world, message, content, keyboard_of(params), rich)
    return _change(world, message, text_of(params), keyboard_of(params))


def edit_message_caption(world: World, params: Params) -> Json:
    """Replace the caption of a file."""
    message = _own(world, params)
    if not message.stored:
        raise bad_request("there is no caption in the message to edit")
    params.ignore("show_caption_above_media")
    return _change(world, message, caption_of(params), keyboard_of(params))


def edit_message_reply_markup(world: World, params: Params) -> Json:
    """Replace the buttons under a message."""
    message = _own(world, params)
    return _change(world, message, message.content, keyboard_of(params), message.rich)


def delete_message(world: World, params: Params) -> bool:
    """Delete a message: one's own, or anybody's in private chats and as an administrator."""
    _delete(world, params, params.integer("message_id"))
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Delete several messages, skipping those that are gone."""
    chat = chat_of(world, params)
    for identity in params.array("message_ids"):
        if int(identity) in chat.messages and not chat.messages[int(identity)].deleted:
            _delete(world, params, int(identity))
    return True


def _delete(world: World, params: Params, identity: int) -> None:
    chat = chat_of(world, params)
    message = chat.message(identity, "message to delete not found")
    own = message.sender.id == world.bot.id
    free = chat.kind == "private" or chat.status_of(world.bot) == "administrator"
    if not (own or free):
        raise bad_request("message can't be deleted")
    if world.clock.now() - message.at > DELETABLE:
        raise bad_request("message can't be deleted for everyone")
    world.remove(message)


def _own(world: World, params: Params) -> Message:
    chat = chat_to_write(world, params)
    message = chat.message(params.integer("message_id"), "message to edit not found")
    if message.sender.id != world.bot.id or message.service:
        raise bad_request("message can't be edited")
    return message


def _change(
    world: World, message: Message, content: Styled, markup: Json | None, rich: str = ""
) -> Json:
    before = (message.content.text, message.content.entities, message.markup, message.rich)
    if before == (content.text, content.entities, markup, rich):
        raise bad_request(SAME)
    world.change(message, content, markup, rich)
    return message.payload()
