"""Conversations: who said what where, who answers, and the answer on its way."""

from madang.conversation.answering import problem_of
from madang.conversation.answers import Deliver
from madang.conversation.binding import Binder, Bound
from madang.conversation.conversations import Conversations
from madang.conversation.export import Belongings, chosen_path, export_json, export_markdown
from madang.conversation.reply import Reply, Update

__all__ = [
    "Belongings",
    "Binder",
    "Bound",
    "Conversations",
    "Deliver",
    "Reply",
    "Update",
    "chosen_path",
    "export_json",
    "export_markdown",
    "problem_of",
]
