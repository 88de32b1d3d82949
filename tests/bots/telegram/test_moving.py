"""Groups that become supergroups: they stay allowed and approved, and nothing said is lost."""

from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_controls import ended

from madang.testing import EchoBackend
from madang.testing.telegram import Chat, Person, TelegramServer


async def test_an_approved_group_that_moves_is_served_at_once(
    bot: Bot, server: TelegramServer, minji: Person, junho: Person
) -> None:
    group = server.group("독서 모임", minji, junho, bot=False)
    more = f"owners = [{minji.user.id}]\napprove_groups = true"
    async with bot(EchoBackend(), more=more):
        minji.adds_bot(group)
        junho.says(group, "@madang_bot 하나")
        await ended(group, "하나")
        with server.world.updates.held():
            new = junho.upgrades(group)
            junho.says(new, "@madang_bot 둘")
        await new.transcript.until(lambda seen: seen.answers() == ["둘"])


async def test_an_allowed_chat_that_moves_stays_allowed(
    bot: Bot, minji: Person, junho: Person, group: Chat
) -> None:
    more = f"allow_chats = [{group.id}]"
    async with bot(EchoBackend(), more=more):
        junho.says(group, "@madang_bot 하나")
        await ended(group, "하나")
        new = minji.upgrades(group)
        junho.says(new, "@madang_bot 둘")
        await new.transcript.until(lambda seen: "둘" in "".join(seen.answers()))
    async with bot(EchoBackend(), more=more):
        junho.says(new, "@madang_bot 셋")
        await new.transcript.until(lambda seen: "셋" in "".join(seen.answers()))
