"""Messages as the service stores them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.testing.telegram.attachments import Stored
from madang.testing.telegram.entities import Styled
from madang.testing.telegram.rich import paragraphs_of, words_of
from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Json

if TYPE_CHECKING:
    from madang.testing.telegram.chats import Chat


@dataclass(kw_only=True, eq=False)
class Message:
    """Hold one message: its content now; the transcript has what it was before.

    `extra` are fields that travel besides, or in the place of others.
    """

    id: int
    chat: "Chat"
    sender: User
    at: float
    content: Styled = field(default_factory=Styled)
    stored: Stored | None = None
    rich: str = ""
    markup: Json | None = None
    reply_to: "Message | None" = None
    thread: int = 0
    edited_at: float = 0.0
    origin: Json | None = None
    service: Json | None = None
    extra: Json = field(default_factory=dict)
    reactions: dict[int, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def text(self) -> str:
        """Return its text or caption, or the words of a rich message."""
        return words_of(self.rich) or self.content.text

    @property
    def buttons(self) -> tuple[tuple[str, ...], ...]:
        """Return the labels under it, row by row."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return tuple(tuple(button["text"] for button in row) for row in rows)

    def payload(self, *, replies: bool = True) -> Json:
        """Return it as it travels; what it replies to travels without its own reply."""
        body: Json = {
            "message_id": self.id,
            "date": int(self.at),
            "chat": self.chat.payload(),
            "from": self.sender.payload(),
            **self._content(),
            **(self.service or {}),
        }
        if self.chat.kind == "channel":
            body["sender_chat"] = self.chat.payload()
            del body["from"]
        if self.edited_at:
            body["edit_date"] = int(self.edited_at)
        if self.thread:
            body |= {"message_thread_id": self.thread, "is_topic_message": True}
        if self.markup and "inline_keyboard" in self.markup:
            body["reply_markup"] = self.markup
        if self.origin:
            body["forward_origin"] = self.origin
        target = self.reply_to
        if not target and self.thread and self.chat.kind == "supergroup":
            target = self.chat.topic_root(self.thread)
        if replies and target and target is not self and not target.deleted:
            body["reply_to_message"] = target.payload(replies=False)
        return body | self.extra

    def _content(self) -> Json:
        if self.rich:
            return {"rich_message": paragraphs_of(self.rich)}
        words, entities = ("caption", "caption_entities") if self.stored else ("text", "entities")
        body = self.stored.media() if self.stored else {}
        if self.content.text:
            body[words] = self.content.text
        if self.content.entities:
            body[entities] = [entity.payload() for entity in self.content.entities]
        return body
