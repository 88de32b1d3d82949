"""Hosts: what people do to groups and to the bot in them."""

from dataclasses import dataclass

from madang.testing.telegram.chats import Chat, Topic
from madang.testing.telegram.entities import Styled
from madang.testing.telegram.users import User
from madang.testing.telegram.world import World


@dataclass(frozen=True, eq=False)
class Host:
    """Act on chats as somebody who owns them."""

    user: User
    world: World

    def adds_bot(self, chat: Chat) -> None:
        """Bring the bot into a group or a channel."""
        self.world.move_bot(chat, self.user, "member")
        if chat.is_group:
            service = {"new_chat_members": [self.world.bot.payload()]}
            self.world.post(chat, self.user, Styled(), service=service)

    def removes_bot(self, chat: Chat) -> None:
        """Throw the bot out of a group."""
        self.world.move_bot(chat, self.user, "kicked")

    def promotes_bot(self, chat: Chat) -> None:
        """Make the bot an administrator, who hears everything."""
        self.world.move_bot(chat, self.user, "administrator")

    def opens_topic(self, chat: Chat, name: str) -> Topic:
        """Open a topic; LookupError in a chat that has none."""
        if not (chat.forum or (chat.kind == "private" and self.world.topics)):
            raise LookupError(f"{chat.title} has no topics")
        service = {"forum_topic_created": {"name": name, "icon_color": 0x6FB9F0}}
        root = self.world.post(chat, self.user, Styled(), service=service)
        topic = chat.topics[root.id] = Topic(chat, name, root)
        return topic

    def deletes_topic(self, topic: Topic) -> None:
        """Delete a topic with all its messages; bots are not told."""
        for message in topic.chat.messages.values():
            if message.thread == topic.id and not message.deleted:
                self.world.remove(message)
        del topic.chat.topics[topic.id]

    def upgrades(self, chat: Chat) -> Chat:
        """Turn a group into a supergroup with another identity; return that."""
        more = {"statuses": dict(chat.statuses), "people": dict(chat.people)}
        new = self.world.open_chat("supergroup", chat.title, **more)
        chat.migrated_to = new
        self.world.post(chat, self.user, Styled(), service={"migrate_to_chat_id": new.id})
        self.world.post(new, self.user, Styled(), service={"migrate_from_chat_id": chat.id})
        return new
