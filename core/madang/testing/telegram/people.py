"""People: they write, click and leave as one does with a client in one's hands."""

from dataclasses import dataclass

from madang.testing.telegram.attachments import Attachment
from madang.testing.telegram.chats import Chat, Topic, place_of
from madang.testing.telegram.clicks import Click
from madang.testing.telegram.drafts import Draft
from madang.testing.telegram.entities import style
from madang.testing.telegram.entity import Entity
from madang.testing.telegram.hosts import Host
from madang.testing.telegram.messages import Message
from madang.testing.telegram.text import LIMIT, pieces, units
from madang.testing.telegram.users import User
from madang.testing.telegram.wire import Json
from madang.testing.telegram.world import sender_origin

ANONYMOUS = User(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
TELEGRAM = User(777000, "Telegram")


@dataclass(frozen=True, eq=False)
class Person(Host):
    """Act in the world as somebody; what they may not do is a LookupError or a ValueError."""

    def says(
        self,
        place: Chat | Topic,
        text: str = "",
        *,
        reply_to: Message | None = None,
        document: Attachment | None = None,
        entities: tuple[Entity, ...] = (),
    ) -> Message:
        """Send a message; mentions, commands and links become entities by themselves."""
        chat, thread = place_of(place)
        if units(text) > LIMIT:
            raise ValueError("a client splits a text this long: use `pastes`")
        self._enter(chat)
        stored = self.world.shelf.put(document) if document else None
        return self.world.post(
            chat,
            self.user,
            style(text, entities),
            reply_to=reply_to,
            stored=stored,
            thread=thread,
        )

    def says_as_group(self, chat: Chat, text: str) -> Message:
        """Send a message as an anonymous admin; LookupError from who is none."""
        if chat.status_of(self.user) not in ("creator", "administrator"):
            raise LookupError(f"{self.user.first_name} is no admin of {chat.title}")
        extra = {"from": ANONYMOUS.payload(), "sender_chat": chat.payload()}
        return self.world.post(chat, self.user, style(text), extra=extra)

    def sends_album(self, place: Chat | Topic, text: str, *files: Attachment) -> list[Message]:
        """Send several files at once; the text is the caption of the first."""
        chat, thread = place_of(place)
        self._enter(chat)
        extra: Json = {"media_group_id": f"album {chat.id} {len(chat.messages)}"}
        return [
            self.world.post(
                chat,
                self.user,
                style(text if file is files[0] else ""),
                stored=self.world.shelf.put(file),
                thread=thread,
                extra=extra,
            )
            for file in files
        ]

    def posts(self, channel: Chat, text: str, group: Chat) -> Message:
        """Write in a channel; return what Telegram makes of that in the group for its comments."""
        post = self.world.post(channel, self.user, style(text))
        origin = {
            "type": "channel",
            "date": int(post.at),
            "chat": channel.payload(),
            "message_id": post.id,
        }
        extra = {"sender_chat": channel.payload(), "is_automatic_forward": True}
        return self.world.post(group, TELEGRAM, style(text), origin=origin, extra=extra)

    def pastes(self, place: Chat | Topic, text: str) -> list[Message]:
        """Send a text of any length, in as many messages as the client makes of it."""
        return [self.says(place, piece) for piece in pieces(text)]

    def forwards(self, message: Message, place: Chat | Topic) -> Message:
        """Forward somebody's message."""
        origin = sender_origin(message.sender, message.at)
        chat, thread = place_of(place)
        self._enter(chat)
        more = {"stored": message.stored, "thread": thread, "origin": origin}
        return self.world.post(chat, self.user, message.content, **more)

    def edits(self, message: Message, text: str) -> None:
        """Change one's own message."""
        if message.sender.id != self.user.id or message.deleted:
            raise LookupError("only one's own messages that are still there can be edited")
        self.world.change(message, style(text), None)

    def deletes(self, message: Message) -> None:
        """Delete a message for everybody."""
        self.world.remove(message)

    def reacts(self, message: Message, emoji: str) -> None:
        """React to a message; an empty emoji takes the reaction back."""
        before = message.reactions.get(self.user.id, "")
        message.reactions[self.user.id] = emoji
        self.world.note(message.chat, f"{self.user.first_name} {emoji}", "reaction")
        body: Json = {
            "chat": message.chat.payload(),
            "message_id": message.id,
            "user": self.user.payload(),
            "date": int(self.world.clock.now()),
            "old_reaction": _reactions(before),
            "new_reaction": _reactions(emoji),
        }
        self.world.updates.add("message_reaction", body)

    def clicks(self, message: Message, label: str) -> Click:
        """Press the button whose label contains a text; LookupError if there is none to be seen."""
        rows = (message.markup or {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row if label in button["text"]]
        if message.deleted or not buttons:
            raise LookupError(f"no button {label!r}:\n{message.chat.transcript.render()}")
        return self.sends_data(message, str(buttons[0].get("callback_data", "")))

    def sends_data(self, message: Message, data: str) -> Click:
        """Send any callback data, as a modified client or a press on an old screen does."""
        number = str(len(self.world.clicks) + 1)
        now = self.world.clock.now()
        click = Click(id=number, user=self.user, message=message, data=data, at=now)
        self.world.clicks[number] = click
        self.world.updates.add("callback_query", click.payload())
        return click

    def presses_stop(self, chat: Chat) -> Draft:
        """Press Stop on the newest draft; LookupError if none shows that button."""
        drafts = [draft for draft in self.world.drafts.of(chat) if draft.can_stop]
        if not drafts or drafts[-1].stopped:
            raise LookupError(f"no draft can be stopped:\n{chat.transcript.render()}")
        draft = drafts[-1]
        self.world.drafts.stop(draft)
        self.sends_stop(chat, draft.id, draft.thread)
        return draft

    def sends_stop(self, chat: Chat, draft: int, thread: int = 0) -> None:
        """Stop a draft that may be gone, as a press at the last moment does."""
        body: Json = {"chat": chat.payload(), "draft_id": draft}
        if thread:
            body["message_thread_id"] = thread
        self.world.updates.add("stopped_message_generation", body)

    def starts(self, chat: Chat, payload: str = "") -> Message:
        """Open the bot by its button or a deep link."""
        return self.says(chat, f"/start {payload}".strip())

    def blocks(self) -> None:
        """Block the bot."""
        chat = self.world.chats[self.user.id]
        chat.blocked = True
        self.world.move_bot(chat, self.user, "kicked")

    def unblocks(self) -> None:
        """Let the bot write again."""
        chat = self.world.chats[self.user.id]
        chat.blocked = False
        self.world.move_bot(chat, self.user, "member")

    def menu(self, chat: Chat) -> list[str]:
        """List the commands that the client offers in a chat."""
        return [item["command"] for item in self.world.menus.seen_by(self.user, chat)]

    def _enter(self, chat: Chat) -> None:
        if chat.kind == "private":
            if not chat.started:
                chat.started = True
                chat.statuses[self.world.bot.id] = "member"
        elif not chat.has(self.user):
            chat.statuses[self.user.id] = "member"
            chat.people[self.user.id] = self.user


def _reactions(emoji: str) -> list[Json]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []
