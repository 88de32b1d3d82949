"""Members: who is in a chat, and with which rights."""

from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Json

RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
    *("can_post_stories", "can_edit_stories", "can_delete_stories"),
)
PRESENT = {"creator", "administrator", "member", "restricted"}


def member_payload(user: User, status: str) -> Json:
    """Return a ChatMember as it travels; an administrator has every common right."""
    body: Json = {"user": user.payload(), "status": status}
    if status == "creator":
        body["is_anonymous"] = False
    elif status == "administrator":
        body |= {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(RIGHTS, True)}
    elif status == "kicked":
        body["until_date"] = 0
    return body
