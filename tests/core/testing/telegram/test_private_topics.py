"""Topics of private chats, albums, and messages that are sent in other names."""

import pytest
from tests.core.testing.telegram.bots import bot_of, refused

from madang.testing.telegram import Attachment, Chat, Person, TelegramServer


async def test_a_private_chat_has_topics_where_the_bot_does(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    with pytest.raises(LookupError, match="has no topics"):
        minji.opens_topic(chat, "고양이")
    server.world.topics = True
    topic = minji.opens_topic(chat, "고양이")
    minji.says(topic, "야옹")
    async with bot_of(server) as bot:
        me = await bot.get_me()
        assert (me.has_topics_enabled, me.allows_users_to_create_topics) == (True, True)
        message = (await bot.get_updates())[-1].message
        assert message
        assert (message.message_thread_id, message.is_topic_message) == (topic.id, True)
        assert message.reply_to_message is None
        assert not message.chat.is_forum
        await bot.send_message_draft(chat.id, 1, "멍", message_thread_id=topic.id)
        shown = await bot.send_message(chat.id, "멍멍", message_thread_id=topic.id)
        assert shown.message_thread_id == topic.id
        minji.deletes_topic(topic)
        with refused("message thread not found"):
            await bot.send_message(chat.id, "x", message_thread_id=topic.id)
        with refused("message to edit not found"):
            await shown.edit_text("x")
    assert chat.transcript.answers(topic.id) == []


async def test_albums_anonymous_admins_and_posts_of_a_channel(
    server: TelegramServer, minji: Person
) -> None:
    junho = server.person("준호")
    group = server.group("마당", minji, junho, kind="supergroup")
    channel = server.group("소식", minji, kind="channel", bot=False)
    server.world.privacy = False
    minji.sends_album(group, "둘", Attachment("a.txt", b"a"), Attachment("b.txt", b"b"))
    minji.says_as_group(group, "공지")
    with pytest.raises(LookupError, match="no admin"):
        junho.says_as_group(group, "나도")
    minji.posts(channel, "새 소식", group)
    async with bot_of(server) as bot:
        messages = [each.message for each in await bot.get_updates() if each.message]
    first, second, notice, post = messages[-4:]
    assert first.media_group_id == second.media_group_id
    assert (first.caption, second.caption) == ("둘", None)
    assert notice.sender_chat
    assert notice.sender_chat.id == group.id
    assert notice.from_user
    assert notice.from_user.is_bot
    assert post.is_automatic_forward
    assert post.sender_chat
    assert post.sender_chat.id == channel.id
