"""Conversations: who said what where, who answers, and the answer on its way."""

from madang.conversation.answering import problem_of
from madang.conversation.binding import Binder, Bound
from madang.conversation.bursts import Bursts
from madang.conversation.controls import Controls
from madang.conversation.conversations import Conversations
from madang.conversation.export import Belongings, chosen_path, export_json, export_markdown
from madang.conversation.messages import Messages
from madang.conversation.options import Here, Options, PersonOptions, PlaceOptions
from madang.conversation.recording import Said
from madang.conversation.reply import Reply, Update
from madang.conversation.showing import Deliver

__all__ = [
    "Belongings",
    "Binder",
    "Bound",
    "Bursts",
    "Controls",
    "Conversations",
    "Deliver",
    "Here",
    "Messages",
    "Options",
    "PersonOptions",
    "PlaceOptions",
    "Reply",
    "Said",
    "Update",
    "chosen_path",
    "export_json",
    "export_markdown",
    "problem_of",
]
