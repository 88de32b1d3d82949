"""Methods that show something for a moment: drafts, actions, answers to clicks, reactions."""

from madang.testing.telegram.chats import Chat
from madang.testing.telegram.clicks import LIFETIME
from madang.testing.telegram.drafts import Draft
from madang.testing.telegram.params import Params
from madang.testing.telegram.reading import chat_to_write, styled, thread_in
from madang.testing.telegram.rich import rich_of
from madang.testing.telegram.text import LIMIT, units
from madang.testing.telegram.wire import bad_request
from madang.testing.telegram.world import ACTION_LASTS, World

ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location"),
    *("record_video_note", "upload_video_note"),
}
REACTIONS = set(
    "👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🤡🥱🥴😍🐳🌚🌭💯🤣🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝🤗🫡🎅🎄💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)
LONGEST_TOAST = 200


def send_message_draft(world: World, params: Params) -> bool:
    """Show a part of an answer in a private chat; no text shows that the bot thinks."""
    draft = _draft(world, params)
    draft.content = styled(params)
    if units(draft.content.text) > LIMIT:
        raise bad_request("message is too long")
    world.drafts.show(draft)
    return True


def send_rich_message_draft(world: World, params: Params) -> bool:
    """Show a part of a rich answer in a private chat."""
    draft = _draft(world, params)
    draft.rich = rich_of(params)
    world.drafts.show(draft)
    return True


def send_chat_action(world: World, params: Params) -> bool:
    """Show what the bot does, for five seconds."""
    chat = chat_to_write(world, params)
    action = params.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    thread = thread_in(chat, params)
    world.actions[chat.id, thread] = (action, world.clock.now() + ACTION_LASTS)
    world.note(chat, f"{world.bot.first_name} {action}", "action", thread=thread)
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    """Answer a click; too late, it is refused."""
    params.ignore("cache_time", "url")
    click = world.clicks.get(params.text("callback_query_id"))
    if click is None or world.clock.now() - click.at > LIFETIME:
        why = "query is too old and response timeout expired or query ID is invalid"
        raise bad_request(why)
    text = params.text("text")
    if units(text) > LONGEST_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    click.answer, click.alert = text, params.flag("show_alert")
    click.done.set()
    if text:
        world.note(click.message.chat, text, "toast")
    return True


def set_message_reaction(world: World, params: Params) -> bool:
    """React to a message with at most one emoji."""
    params.ignore("is_big")
    chat = chat_to_write(world, params)
    message = chat.message(params.integer("message_id"), "message to react not found")
    given = [str(item.get("emoji", "")) for item in params.array("reaction")]
    if len(given) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(emoji.rstrip("\ufe0f") not in REACTIONS | {"❤"} for emoji in given):
        raise bad_request("REACTION_INVALID")
    message.reactions[world.bot.id] = "".join(given)
    world.note(chat, f"{world.bot.first_name} {''.join(given)}", "reaction")
    return True


def _draft(world: World, params: Params) -> Draft:
    chat: Chat = chat_to_write(world, params)
    if chat.kind != "private":
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    identity = params.integer("draft_id")
    if not identity:
        raise bad_request("draft_id must be non-zero")
    return Draft(
        id=identity,
        chat=chat,
        thread=thread_in(chat, params),
        can_stop=params.flag("can_stop"),
        keep_on_stop=params.flag("keep_on_stop"),
    )
