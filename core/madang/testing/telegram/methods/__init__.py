"""Every method of the Bot API that the stand-in has, by its name in lower case."""

from collections.abc import Callable, Mapping

from madang.testing.telegram.methods import asking, configuring, editing, sending, showing
from madang.testing.telegram.params import Params
from madang.testing.telegram.world import World

Method = Callable[[World, Params], object]

METHODS: Mapping[str, Method] = {
    function.__name__.replace("_", ""): function
    for function in (
        sending.send_message,
        sending.send_rich_message,
        sending.send_document,
        sending.send_photo,
        sending.copy_message,
        sending.forward_message,
        editing.edit_message_text,
        editing.edit_message_caption,
        editing.edit_message_reply_markup,
        editing.delete_message,
        editing.delete_messages,
        showing.send_message_draft,
        showing.send_rich_message_draft,
        showing.send_chat_action,
        showing.answer_callback_query,
        showing.set_message_reaction,
        asking.get_me,
        asking.get_chat,
        asking.get_chat_member,
        asking.get_chat_administrators,
        asking.get_chat_member_count,
        asking.leave_chat,
        asking.get_file,
        configuring.set_my_commands,
        configuring.get_my_commands,
        configuring.delete_my_commands,
        configuring.set_my_name,
        configuring.get_my_name,
        configuring.set_my_description,
        configuring.get_my_description,
        configuring.set_my_short_description,
        configuring.get_my_short_description,
        configuring.set_webhook,
        configuring.delete_webhook,
        configuring.get_webhook_info,
        configuring.log_out,
        configuring.close,
    )
}
