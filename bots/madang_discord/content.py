"""What one message shows."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import discord
from discord.http import MultipartParameters, handle_message_parameters

if TYPE_CHECKING:
    from discord.ui import LayoutView, View


class Attached(Protocol):
    """Be what stands under a message, such as buttons; equal ones look the same."""

    def view(self) -> "View | LayoutView":
        """Make it anew for one call."""
        ...


@dataclass(frozen=True, kw_only=True)
class Content:
    """Hold what one message shows: text, perhaps a file, and perhaps something under it.

    `above` is a line that says what it answers, where it cannot be a reply.
    """

    text: str
    above: str = ""
    file_name: str = ""
    file_text: str = ""
    attached: Attached | None = None


@dataclass(frozen=True, kw_only=True)
class Heading:
    """Say what a new message answers and who may be notified: 0 for nothing and nobody."""

    message: int = 0
    asker: int = 0


def creation(content: Content, heading: Heading, channel: int, nonce: str) -> MultipartParameters:
    """Word the call that sends a message; the same nonce does not send it twice."""
    more = _more(content)
    if heading.message:
        reference = discord.MessageReference(
            message_id=heading.message, channel_id=channel, fail_if_not_exists=False
        )
        more["message_reference"] = reference.to_message_reference_dict()
    return handle_message_parameters(
        content=content.text or None,
        nonce=nonce,
        allowed_mentions=mentions(heading.asker),
        **more,
    )


def utterance(content: Content, asker: int, name: str, picture: str) -> MultipartParameters:
    """Word the call that lets a webhook say this under a name."""
    return handle_message_parameters(
        content=content.text or None,
        username=name,
        avatar_url=picture,
        allowed_mentions=mentions(asker),
        **_more(content),
    )


def change(content: Content, asker: int) -> MultipartParameters:
    """Word the call that puts this in the place of what a message shows."""
    return handle_message_parameters(
        content=content.text or None,
        attachments=[_file(content)] if content.file_name else [],
        view=content.attached.view() if content.attached else None,
        allowed_mentions=mentions(asker),
    )


def mentions(asker: int) -> discord.AllowedMentions:
    """Let nobody be notified but who asked, whatever a model writes."""
    users = [discord.Object(asker)] if asker else False
    return discord.AllowedMentions(
        everyone=False, roles=False, users=users, replied_user=bool(asker)
    )


def _more(content: Content) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if content.file_name:
        more["file"] = _file(content)
    if content.attached:
        more["view"] = content.attached.view()
    return more


def _file(content: Content) -> discord.File:
    return discord.File(io.BytesIO(content.file_text.encode()), content.file_name)
