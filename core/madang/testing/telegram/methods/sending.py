"""Methods that put messages into chats."""

from madang.testing.telegram.chats import Chat
from madang.testing.telegram.entities import Styled
from madang.testing.telegram.keyboards import keyboard_of
from madang.testing.telegram.messages import Message
from madang.testing.telegram.params import Params
from madang.testing.telegram.reading import (
    caption_of,
    chat_of,
    chat_to_write,
    drop_extras,
    file_of,
    reply_in,
    text_of,
    thread_in,
)
from madang.testing.telegram.rich import document_of
from madang.testing.telegram.wire import Json, Refusal, bad_request
from madang.testing.telegram.world import World, sender_origin


def send_message(world: World, params: Params) -> Json:
    """Send a text."""
    chat = chat_to_write(world, params)
    return _post(world, chat, params, text_of(params)).payload()


def send_rich_message(world: World, params: Params) -> Json:
    """Send a rich message; its source is what the transcript shows."""
    if world.rich == "unknown":
        raise Refusal(404, "Not Found")
    chat = chat_to_write(world, params)
    content, rich = document_of(world, params)
    return _post(world, chat, params, content, rich=rich).payload()


def send_document(world: World, params: Params) -> Json:
    """Send a file."""
    return _send_file(world, params, "document")


def send_photo(world: World, params: Params) -> Json:
    """Send a picture."""
    return _send_file(world, params, "photo")


def copy_message(world: World, params: Params) -> Json:
    """Send the content of a message as one's own; another caption may take its place."""
    chat = chat_to_write(world, params)
    source = _source(world, params, "copy")
    content = caption_of(params) if "caption" in params else source.content
    copied = _post(world, chat, params, content, stored=source.stored, rich=source.rich)
    return {"message_id": copied.id}


def forward_message(world: World, params: Params) -> Json:
    """Send a message on, with its author's name."""
    chat = chat_to_write(world, params)
    source = _source(world, params, "forward")
    origin = sender_origin(source.sender, source.at)
    more = {"stored": source.stored, "rich": source.rich, "origin": origin}
    return _post(world, chat, params, source.content, **more).payload()


def _send_file(world: World, params: Params, name: str) -> Json:
    chat = chat_to_write(world, params)
    stored = file_of(world, params, name)
    return _post(world, chat, params, caption_of(params), stored=stored).payload()


def _source(world: World, params: Params, verb: str) -> Message:
    chat = chat_of(world, params, "from_chat_id")
    found = chat.message(params.integer("message_id"), f"message to {verb} not found")
    if found.service:
        raise bad_request(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return found


def _post(world: World, chat: Chat, params: Params, content: Styled, **more: object) -> Message:
    drop_extras(params)
    return world.post(
        chat,
        world.bot,
        content,
        thread=thread_in(chat, params),
        reply_to=reply_in(chat, params),
        markup=keyboard_of(params),
        **more,
    )
