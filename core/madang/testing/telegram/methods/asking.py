"""Methods that ask about the bot, chats, members and files."""

from madang.testing.telegram.chats import Chat
from madang.testing.telegram.members import member_payload
from madang.testing.telegram.params import Params
from madang.testing.telegram.reading import chat_of
from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Json, bad_request, forbidden
from madang.testing.telegram.world import World

GIFTS = (
    *("unlimited_gifts", "limited_gifts", "unique_gifts"),
    *("premium_subscription", "gifts_from_channels"),
)


def get_me(world: World, params: Params) -> Json:
    """Tell the bot who it is."""
    return {
        **world.bot.payload(),
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": world.topics,
        "allows_users_to_create_topics": world.topics,
    }


def get_chat(world: World, params: Params) -> Json:
    """Describe a chat."""
    chat = _joined(world, params)
    return {
        **chat.payload(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }


def get_chat_member(world: World, params: Params) -> Json:
    """Describe somebody's standing in a chat."""
    chat = _joined(world, params)
    user = _people(world, chat).get(params.integer("user_id"))
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member_payload(user, chat.status_of(user))


def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """List who runs a group."""
    chat = _joined(world, params)
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    people = _people(world, chat).values()
    chiefs = [user for user in people if chat.status_of(user) in ("creator", "administrator")]
    return [member_payload(user, chat.status_of(user)) for user in chiefs]


def get_chat_member_count(world: World, params: Params) -> int:
    """Count who is in a chat."""
    chat = _joined(world, params)
    return sum(chat.has(user) for user in _people(world, chat).values())


def leave_chat(world: World, params: Params) -> bool:
    """Leave a group."""
    chat = _joined(world, params)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    world.move_bot(chat, world.bot, "left")
    return True


def get_file(world: World, params: Params) -> Json:
    """Tell where a file of at most 20 MB can be downloaded."""
    stored = world.shelf.to_download(params.text("file_id"))
    return {**stored.payload(), "file_path": stored.path}


def _joined(world: World, params: Params) -> Chat:
    chat = chat_of(world, params)
    if chat.kind != "private" and not chat.has(world.bot):
        kicked = chat.status_of(world.bot) == "kicked"
        raise forbidden(
            f"bot was kicked from the {chat.kind} chat"
            if kicked
            else f"bot is not a member of the {chat.kind} chat"
        )
    return chat


def _people(world: World, chat: Chat) -> dict[int, User]:
    people = {**chat.people, world.bot.id: world.bot}
    return {**people, chat.person.id: chat.person} if chat.person else people
