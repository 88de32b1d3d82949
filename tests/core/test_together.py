"""Two people who talk with different personas at the same time share one batch."""

from collections.abc import Mapping
from pathlib import Path

from madang.contract import Author, Place
from madang.testing import Chat, open_chat

DEMO = Path(__file__).parents[2] / "config" / "demo.toml"
ASKED: Mapping[str, str] = {
    "slang_friend": "오늘 뭐 먹을까?",
    "finance_advisor": "금리가 오르면 어떻게 돼?",
}


async def ask(chat: Chat, *personas: str) -> dict[Place, str]:
    """Ask personas at once, each at a place of its own, and return their answers by place."""
    known = len(chat.replies)
    for persona in personas:
        place, author = Place(f"test/{persona}-{known}"), Author(f"test:{persona}", "나")
        await chat.conversations.say(place, author, ASKED[persona], persona=persona)
    replies = [await chat.reply(known + number) for number in range(1, len(personas) + 1)]
    return {reply.place: (await reply.final()).text for reply in replies}


async def test_two_terminals_with_different_personas_share_a_batch() -> None:
    async with open_chat(DEMO) as chat:
        alone = [text for persona in ASKED for text in (await ask(chat, persona)).values()]
        ((backend, _),) = chat.yard.pool.backends
        assert (backend.metrics.mixed_steps, backend.metrics.largest_batch) == (0, 1)
        together = await ask(chat, *ASKED)
        assert backend.metrics.mixed_steps > 0
        assert backend.metrics.largest_batch == 2
    assert sorted(together.values()) == sorted(alone)
    assert len(set(alone)) == 2
