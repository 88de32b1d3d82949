"""Reading calls: the chat, the text, the reply and the file that a call names."""

from madang.testing.telegram.attachments import UPLOAD, Attachment, Stored
from madang.testing.telegram.chats import Chat
from madang.testing.telegram.entities import Styled, read, style
from madang.testing.telegram.hearing import may_write
from madang.testing.telegram.html import parse_html
from madang.testing.telegram.markdown import parse_markdown, parse_markdown_v2
from madang.testing.telegram.messages import Message
from madang.testing.telegram.params import Params
from madang.testing.telegram.text import CAPTION_LIMIT, LIMIT, units
from madang.testing.telegram.wire import Refusal, bad_request, forbidden
from madang.testing.telegram.world import World

PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


def find_chat(world: World, params: Params, name: str = "chat_id") -> Chat | None:
    """Find the chat that a call names, None if there is none."""
    identity = params.text(name)
    if identity.startswith("@"):
        named = (chat for chat in world.chats.values() if chat.username == identity[1:])
        return next(named, None)
    if not identity.lstrip("-").isdigit():
        return None
    return world.chats.get(int(identity))


def chat_of(world: World, params: Params, name: str = "chat_id") -> Chat:
    """Return the chat that a call names; a group that was upgraded says where it went."""
    if not params.text(name):
        raise bad_request(f"{name} is empty")
    chat = find_chat(world, params, name)
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to:
        description = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refusal(400, description, {"migrate_to_chat_id": chat.migrated_to.id})
    return chat


def chat_to_write(world: World, params: Params) -> Chat:
    """Return the chat that a call names, if the bot may write there."""
    chat = chat_of(world, params)
    refusal = may_write(world.bot, chat)
    if refusal:
        raise forbidden(refusal)
    return chat


def thread_in(chat: Chat, params: Params) -> int:
    """Return the topic that a call names, 0 for none."""
    thread = params.integer("message_thread_id")
    if thread and thread not in chat.topics:
        raise bad_request("message thread not found")
    if thread and chat.topics[thread].closed:
        raise bad_request("TOPIC_CLOSED")
    return thread


def styled(params: Params, words: str = "text", entities: str = "entities") -> Styled:
    """Read a text with its parse mode or entities; parse mode comes first, as on the service."""
    source, mode = params.text(words), params.text("parse_mode").lower()
    given = params.array(entities)
    if not mode:
        return style(source, read(given))
    if mode not in PARSERS:
        raise bad_request("unsupported parse_mode")
    return style(*PARSERS[mode](source))


def text_of(params: Params) -> Styled:
    """Read the text of a message, which must have 1 to 4096 UTF-16 code units."""
    params.ignore("link_preview_options", "disable_web_page_preview")
    content = styled(params)
    if not content.text:
        raise bad_request("message text is empty")
    if units(content.text) > LIMIT:
        raise bad_request("message is too long")
    return content


def caption_of(params: Params) -> Styled:
    """Read a caption, which may be empty."""
    content = styled(params, "caption", "caption_entities")
    if units(content.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return content


def reply_in(chat: Chat, params: Params) -> Message | None:
    """Return the message that a call replies to."""
    given = params.object("reply_parameters")
    identity = given.get("message_id") or params.integer("reply_to_message_id")
    lenient = given.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply")
    if not identity:
        return None
    found = chat.messages.get(int(identity))
    if found and not found.deleted:
        return found
    if lenient:
        return None
    raise bad_request("message to be replied not found")


def file_of(world: World, params: Params, name: str) -> Stored:
    """Keep an uploaded file, or find one that was sent before."""
    given = params.upload(name)
    if not isinstance(given, Attachment):
        if not given:
            raise bad_request(f"there is no {name} in the request")
        return world.shelf.get(given)
    if given.size > UPLOAD:
        raise Refusal(413, "Request Entity Too Large")
    photo = name == "photo"
    return world.shelf.put(Attachment(given.name, given.data, given.mime, photo=photo))


def drop_extras(params: Params) -> None:
    """Accept what changes nothing that a person would read."""
    params.ignore("disable_notification", "protect_content", "allow_paid_broadcast")
    params.ignore("message_effect_id", "disable_content_type_detection", "thumbnail")
    params.ignore("show_caption_above_media")
