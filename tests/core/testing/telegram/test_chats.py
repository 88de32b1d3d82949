"""Groups, topics, privacy, migration, and people who do not want the bot."""

import pytest
import telegram
from telegram.error import Forbidden
from tests.core.testing.telegram.bots import bot_of, refused

from madang.testing.telegram import (
    Chat,
    ManualClock,
    Person,
    TelegramServer,
    Topic,
    telegram_server,
)


async def heard(bot: telegram.Bot, offset: int = 0) -> list[str]:
    """List the texts of the messages that wait."""
    updates = await bot.get_updates(offset=offset)
    return [update.message.text for update in updates if update.message and update.message.text]


async def test_privacy_mode_hides_what_is_not_meant(server: TelegramServer, minji: Person) -> None:
    group = server.group("모임", minji)
    async with bot_of(server) as bot:
        sent = await bot.send_message(group.id, "안녕하세요")
        minji.says(group, "우리끼리 하는 말")
        minji.says(group, "/persona")
        minji.says(group, "/persona@other_bot")
        minji.says(group, "/persona@Madang_Bot")
        minji.says(group, "@madang_bot 뭐 해?")
        minji.says(group, "너 말이야", reply_to=group.messages[sent.message_id])
        assert await heard(bot) == [
            "/persona",
            "/persona@Madang_Bot",
            "@madang_bot 뭐 해?",
            "너 말이야",
        ]
        assert (await bot.get_me()).can_read_all_group_messages is False
        minji.promotes_bot(group)
        minji.says(group, "이제 다 들어")
        assert (await heard(bot))[-1] == "이제 다 들어"


async def test_without_privacy_mode_everything_is_heard() -> None:
    async with telegram_server(privacy=False) as server, bot_of(server) as bot:
        owner = server.person("지우")
        owner.says(server.group("모임", owner), "우리끼리")
        assert await heard(bot) == ["우리끼리"]
        assert bot.can_read_all_group_messages


async def test_topics(server: TelegramServer, minji: Person) -> None:
    forum = server.forum("큰 모임", minji)
    topic = minji.opens_topic(forum, "잡담")
    assert isinstance(topic, Topic)
    minji.says(topic, "/start")
    async with bot_of(server) as bot:
        message = (await bot.get_updates())[-1].message
        assert message
        assert (message.message_thread_id, message.is_topic_message) == (topic.id, True)
        assert message.chat.is_forum
        assert message.reply_to_message
        assert message.reply_to_message.forum_topic_created
        await message.reply_text("여기요", message_thread_id=topic.id)
        with refused("message thread not found"):
            await bot.send_message(forum.id, "x", message_thread_id=999)
        topic.closed = True
        with refused("TOPIC_CLOSED"):
            await bot.send_message(forum.id, "x", message_thread_id=topic.id)
    assert forum.transcript.answers(topic.id) == ["여기요"]
    assert forum.transcript.answers(99) == []


async def test_a_group_becomes_a_supergroup(server: TelegramServer, minji: Person) -> None:
    group = server.group("모임", minji)
    new = minji.upgrades(group)
    async with bot_of(server) as bot:
        messages = [update.message for update in await bot.get_updates() if update.message]
        assert messages[-2].migrate_to_chat_id == new.id
        assert messages[-1].migrate_from_chat_id == group.id
        try:
            await bot.send_message(group.id, "x")
        except telegram.error.ChatMigrated as moved:
            assert moved.new_chat_id == new.id
        sent = await bot.send_message(new.id, "x")
        assert sent.chat.type == "supergroup"


async def test_who_does_not_want_the_bot(server: TelegramServer, minji: Person) -> None:
    private = server.private(minji)
    group = server.group("모임", minji)
    async with bot_of(server) as bot:
        with refused("can't initiate conversation", Forbidden):
            await bot.send_message(private.id, "x")
        minji.starts(private, "p_friend")
        minji.blocks()
        with refused("blocked by the user", Forbidden):
            await bot.send_message(private.id, "x")
        minji.unblocks()
        await bot.send_message(private.id, "다시 안녕")
        minji.removes_bot(group)
        with refused("kicked from the group chat", Forbidden):
            await bot.send_message(group.id, "x")
        with refused("kicked from the group chat", Forbidden):
            await bot.get_chat(group.id)
        minji.adds_bot(group)
        assert await bot.leave_chat(group.id)
        with refused("not a member of the group chat", Forbidden):
            await bot.send_message(group.id, "x")
        statuses = [
            update.my_chat_member.new_chat_member.status
            for update in await bot.get_updates()
            if update.my_chat_member
        ]
    assert statuses == ["member", "kicked", "member", "kicked", "member", "left"]


async def test_what_a_bot_learns_about_a_group(server: TelegramServer, minji: Person) -> None:
    group = server.group("모임", minji, server.person("지우"))
    async with bot_of(server) as bot:
        assert (await bot.get_chat(group.id)).title == "모임"
        (chief,) = await bot.get_chat_administrators(group.id)
        assert (chief.status, chief.user.id) == ("creator", minji.user.id)
        minji.promotes_bot(group)
        me = await bot.get_chat_member(group.id, bot.id)
        assert isinstance(me, telegram.ChatMemberAdministrator)
        assert await bot.get_chat_member_count(group.id) == 3
        with refused("PARTICIPANT_ID_INVALID"):
            await bot.get_chat_member(group.id, 5)


async def test_channels_have_posts(server: TelegramServer, minji: Person) -> None:
    channel = server.group("소식", minji, kind="channel")
    minji.says(channel, "새 글")
    async with bot_of(server) as bot:
        post = (await bot.get_updates())[-1].channel_post
    assert post
    assert (post.text, post.chat.type, post.from_user) == ("새 글", "channel", None)


async def test_long_pastes_arrive_in_pieces(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    text = "긴 글입니다.\n" * 1000
    sent = minji.pastes(chat, text)
    assert len(sent) == 2
    async with bot_of(server) as bot:
        assert "".join(await heard(bot)).replace("\n", "").endswith("긴 글입니다.")


async def test_forwards_carry_their_origin(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    friend = server.person("지우")
    group = server.group("모임", minji, friend)
    minji.forwards(friend.says(group, "읽어 봐"), chat)
    async with bot_of(server) as bot:
        message = (await bot.get_updates())[-1].message
    assert message
    assert isinstance(message.forward_origin, telegram.MessageOriginUser)
    assert message.forward_origin.sender_user.first_name == "지우"


async def test_menus_by_scope_and_language(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    group = server.group("모임", minji)
    english = server.person("Sam", language="en")
    one, two = [telegram.BotCommand("one", "하나")], [telegram.BotCommand("two", "둘")]
    async with bot_of(server) as bot:
        await bot.set_my_commands(one)
        await bot.set_my_commands(two, scope=telegram.BotCommandScopeAllGroupChats())
        await bot.set_my_commands([*one, *two], language_code="en")
        assert minji.menu(chat) == ["one"]
        assert minji.menu(group) == ["two"]
        assert english.menu(server.private(english)) == ["one", "two"]
        assert await bot.get_my_commands(language_code="en") == (*one, *two)
        assert await bot.get_my_commands(language_code="fr") == ()
        await bot.delete_my_commands(scope=telegram.BotCommandScopeAllGroupChats())
        assert minji.menu(group) == ["one"]
        chief = telegram.BotCommandScopeChatAdministrators(group.id)
        await bot.set_my_commands(two, scope=chief)
        assert minji.menu(group) == ["two"]
        assert english.menu(group) == ["one", "two"]
        with refused("invalid language code"):
            await bot.set_my_commands(one, language_code="한국어")
        with refused("DESCRIPTION_INVALID"):
            await bot.set_my_commands([("one", "")])
        with refused("BOT_COMMAND_INVALID"):
            await bot.set_my_commands([("대문자", "x")])


async def test_names_and_descriptions(server: TelegramServer) -> None:
    async with bot_of(server) as bot:
        await bot.set_my_description("한국어로 이야기해요")
        await bot.set_my_description("Talks Korean", language_code="en")
        assert (await bot.get_my_description("en")).description == "Talks Korean"
        assert (await bot.get_my_description("fr")).description == "한국어로 이야기해요"
        assert (await bot.get_my_name()).name == "마당"
        await bot.set_my_name("마당 봇", language_code="ko")
        assert (await bot.get_my_name("ko")).name == "마당 봇"
        await bot.set_my_short_description("페르소나")
        assert (await bot.get_my_short_description()).short_description == "페르소나"
        with refused("name is too long"):
            await bot.set_my_name("가" * 65)
        assert await bot.close()
        assert await bot.log_out()


async def test_clicks() -> None:
    clock = ManualClock()
    async with telegram_server(clock=clock) as server, bot_of(server) as bot:
        person, other = server.person("민지"), server.person("지우")
        group = server.group("모임", person, other)
        markup = telegram.InlineKeyboardMarkup.from_button(
            telegram.InlineKeyboardButton("멈춤", callback_data="stop:1")
        )
        sent = await bot.send_message(group.id, "음…", reply_markup=markup)
        message = group.messages[sent.message_id]
        first, second = other.clicks(message, "멈춤"), person.sends_data(message, "남의 것")
        queries = [u.callback_query for u in await bot.get_updates() if u.callback_query]
        assert [(q.data, q.from_user.first_name) for q in queries] == [
            ("stop:1", "지우"),
            ("남의 것", "민지"),
        ]
        await queries[0].answer("네 것이 아니야", show_alert=True)
        assert await first.answered() == "네 것이 아니야"
        assert first.alert
        clock.move(20)
        with refused("query is too old"):
            await queries[1].answer()
        assert not second.done.is_set()


def test_people_cannot_do_what_clients_do_not_offer(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    said = minji.says(chat, "내 말")
    with pytest.raises(LookupError, match="only one's own"):
        server.person("지우").edits(said, "남의 말")
    with pytest.raises(ValueError, match="pastes"):
        minji.says(chat, "가" * 4097)
    with pytest.raises(LookupError, match="has no topics"):
        minji.opens_topic(server.group("모임", minji), "잡담")
