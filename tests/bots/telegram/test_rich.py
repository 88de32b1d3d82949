"""Answers as rich messages, where that is switched on: whole whatever happens, and only text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bots.telegram.conftest import Bot
from tests.bots.telegram.test_controls import last
from tests.bots.telegram.test_markdown import MARKS

from madang.contract import Model, Place
from madang.testing import HeldBackend, ScriptedBackend
from madang.testing.telegram import Chat, Flood, Lost, Person, TelegramServer, blemishes
from madang.testing.telegram.params import Params
from madang.testing.telegram.rich import Rich, rich_of, words_of
from madang.yard import Yard
from madang_telegram.rich import document

BIG = Model(context=100_000)
TABLE = """# 제목 **굵게**

| 이름 | 값 |
|:---|---:|
| 가 | **"하나"**예요 |

- [x] 한 일
- [ ] 할 일: $x^2 + y_1$

$$
a < b
$$
끝 `<b>`"""
LONG = "\n".join(f"{number}번째 줄은 이렇게 생겼어요." for number in range(600))


def html(source: str) -> str:
    """Return an answer as it is sent."""
    made = document(source)
    assert made is not None
    return made.html


def taken(source: str) -> str:
    """Have the stand-in check a document as the service does, and return its words."""
    return words_of(rich_of(Params({"rich_message": json.dumps({"html": source})})))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('**"말"**은', '<p><b>"말"</b>은</p>'),
        ("# 제목 *둘*", "<h1>제목 <i>둘</i></h1>"),
        ("하나\n둘", "<p>하나<br>둘</p>"),
        ("3. 셋\n4. 넷", '<ol start="3"><li>셋</li><li>넷</li></ol>'),
        ("- [ ] 일\n  - [x] 끝", '<ul><li><input type="checkbox">일<ul><li>'
         '<input type="checkbox" checked>끝</li></ul></li></ul>'),
        ("> 인용\n\n---", "<blockquote><p>인용</p></blockquote><hr/>"),
        ("```py\na < 1\n```", '<pre><code class="language-py">a &lt; 1</code></pre>'),
        ('```"><img>\nx\n```', '<pre>"&gt;&lt;img&gt;\nx</pre>'),
        ("5. 다섯\n7. 일곱", '<ol start="5"><li>다섯</li><li value="7">일곱</li></ol>'),
        ("2024. 5. 3. 가요\n2024. 5. 4. 와요", "<p>2024. 5. 3. 가요<br>2024. 5. 4. 와요</p>"),
        ("|a|\n|-|\n|1|2|", "<table bordered striped><tr><th>a</th></tr>"
         "<tr><td>1 | 2</td></tr></table>"),
        ("|a|b|\n|-|-:|\n|1|2|", "<table bordered striped><tr><th>a</th>"
         '<th align="right">b</th></tr><tr><td>1</td><td align="right">2</td></tr></table>'),
        ("값은 $x^2$이고 $5와 10$예요", "<p>값은 <tg-math>x^2</tg-math>이고 $5와 10$예요</p>"),
        (r"\(a<b\) \[c & d\]", r"<p><tg-math>a\lt b</tg-math> <tg-math>c & d</tg-math></p>"),
        ("식:\n$$\na\n$$\n끝", "<p>식:</p><tg-math-block>a</tg-math-block><p>끝</p>"),
        ("```math\nE=mc^2\n```", "<tg-math-block>E=mc^2</tg-math-block>"),
        ("```latex\nx^2\n```", '<pre><code class="language-latex">x^2</code></pre>'),
        ("$5, $10 그리고 $20", "<p>$5, $10 그리고 $20</p>"),
        ("[글](https://a.b/?c=1&d)", '<p><a href="https://a.b/?c=1&amp;d">글</a></p>'),
        ("[](https://a.b)", '<p><a href="https://a.b">https://a.b</a></p>'),
        # What would be more than text.
        ("[나](tg://user?id=1)", "<p>나 (tg://user?id=1)</p>"),
        ("![그림](https://a.b/c.jpg)", '<p><a href="https://a.b/c.jpg">그림</a></p>'),
        ("[![그림](https://a.b/c.jpg)](https://d.e)",
         '<p><a href="https://d.e">그림 (https://a.b/c.jpg)</a></p>'),
        ("<img src='https://a.b/c.jpg'/>", "<p>&lt;img src='https://a.b/c.jpg'/&gt;</p>"),
        ("![👍](tg://emoji?id=5)", "<p>👍 (tg://emoji?id=5)</p>"),
        ("$</tg-math><img/>$", r"<p><tg-math>\lt /tg-math\gt \lt img/\gt </tg-math></p>"),
    ],
)  # fmt: skip
def test_what_is_written_becomes_a_document(source: str, shown: str) -> None:
    assert html(source) == shown
    assert taken(shown)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x" * 32_769,
        "\n\n".join("말" for _ in range(501)),
        "> " * 17 + "말",
        "|a" * 21 + "|\n" + "|-" * 21 + "|",
    ],
)
def test_what_telegram_does_not_take_is_no_document(source: str) -> None:
    assert document(source) is None


def test_only_what_styles_cannot_show_needs_a_document() -> None:
    needing = ("# 제목", "|a|\n|-|", "- [ ] 일", "$x^2$", "$$\nx\n$$", "```math\nx\n```")
    for source in needing:
        assert (made := document(source)) and made.needed, source
    for source in (
        "**굵게** `코드`",
        "- 하나\n- 둘",
        "```py\nx\n```",
        "> 인용",
        "[글](https://a.b)",
        "$5",
    ):
        assert (made := document(source)) and not made.needed, source


@given(
    st.lists(MARKS | st.sampled_from(["$", "$$", "\\(", "\\)", "[x] ", "&", "<img>"])).map("".join)
)
def test_every_oddity_gives_a_document_that_telegram_takes(source: str) -> None:
    made = document(source)
    if made is not None:
        words = taken(made.html)
        assert all(words.count(each) >= source.count(each) for each in "말😀")


async def switched_on(yard: Yard, chat: Chat) -> None:
    """Switch rich messages on in a chat."""
    await yard.conversations.options.set(Place(f"telegram/{chat.id}"), "rich", True)


async def whole(chat: Chat, ending: str) -> None:
    """Wait until the answer that ends so is there with its buttons."""
    await chat.transcript.until(
        lambda seen: (
            seen.answers()[-1:] != []
            and seen.answers()[-1].endswith(ending)
            and "다시" in str(seen.screen()[-1].buttons)
        )
    )


async def is_rich(chat: Chat, *, wanted: bool) -> None:
    """Wait until the last answer is whole, and a document or not."""

    def done() -> bool:
        shown = chat.transcript.screen()[-1]
        return bool(shown.rich) is wanted and "다시" in str(shown.buttons)

    await chat.transcript.until(lambda seen: done())


def tried(server: TelegramServer) -> int:
    """Count the calls that sent a document."""
    return sum("rich_message" in call.params for call in server.calls)


async def test_a_table_is_a_rich_message_where_that_is_switched_on(
    bot: Bot, minji: Person, chat: Chat
) -> None:
    async with bot(ScriptedBackend(answers=[TABLE, "그냥 **글**", TABLE])) as yard:
        minji.says(chat, "표")
        await whole(chat, "<b>")
        assert not chat.transcript.screen()[-1].rich
        await switched_on(yard, chat)
        minji.says(chat, "글")
        await whole(chat, "그냥 글")
        assert not chat.transcript.screen()[-1].rich
        minji.says(chat, "표")
        await is_rich(chat, wanted=True)
    shown = chat.transcript.screen()[-1]
    for part in ("<h1>", "<table", '<input type="checkbox" checked>', "<tg-math>", "&lt;b&gt;"):
        assert part in shown.rich
    assert "다시" in str(shown.buttons)
    assert blemishes(chat.transcript) == []


async def test_a_long_answer_is_one_rich_message(bot: Bot, minji: Person, chat: Chat) -> None:
    async with bot(ScriptedBackend(answers=[LONG, "짧은 답"], model=BIG)) as yard:
        await switched_on(yard, chat)
        minji.says(chat, "길게")
        await whole(chat, "599번째 줄은 이렇게 생겼어요.")
        assert chat.transcript.answers() == [LONG]
        await minji.clicks(last(chat), "다시").answered()
        await whole(chat, "짧은 답")
        await minji.clicks(last(chat), "2/2").answered()
        await whole(chat, "599번째 줄은 이렇게 생겼어요.")
        await minji.clicks(last(chat), "1/2").answered()
        await whole(chat, "짧은 답")
    assert chat.transcript.answers() == ["짧은 답"]


@pytest.mark.parametrize(("mode", "tries"), [("refused", 2), ("unknown", 1), ("flattened", 1)])
async def test_where_documents_are_not_taken_all_comes_as_text(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat, mode: Rich, tries: int
) -> None:
    server.world.rich = mode
    async with bot(ScriptedBackend(answers=[LONG, TABLE], model=BIG)) as yard:
        await switched_on(yard, chat)
        minji.says(chat, "길게")
        await whole(chat, "599번째 줄은 이렇게 생겼어요.")
        assert "\n".join(chat.transcript.answers()) == LONG
        minji.says(chat, "표")
        await whole(chat, "끝 <b>")
    assert not any(each.rich for each in chat.transcript.sights)
    assert tried(server) == tries
    assert blemishes(chat.transcript) == []


async def test_documents_survive_penalties_and_lost_connections(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    for fault in (Flood(1), Lost()):
        server.faults.plan(fault, "editMessageText", when=lambda params: "rich_message" in params)
        async with bot(ScriptedBackend(answers=[TABLE])) as yard:
            await switched_on(yard, chat)
            minji.says(chat, "표")
            await chat.transcript.until(lambda seen: bool(seen.screen()[-1].rich))
            await yard.conversations.settled()
    assert [bool(each.rich) for each in chat.transcript.screen() if each.by_bot] == [True, True]


async def test_an_edited_question_turns_a_document_into_text_and_back(
    bot: Bot, server: TelegramServer, minji: Person
) -> None:
    group = server.group("마당", minji)
    async with bot(ScriptedBackend(answers=[TABLE, "글", TABLE])) as yard:
        await switched_on(yard, group)
        said = minji.says(group, "@madang_bot 하나")
        await is_rich(group, wanted=True)
        minji.edits(said, "@madang_bot 둘")
        await is_rich(group, wanted=False)
        minji.edits(said, "@madang_bot 셋")
        await is_rich(group, wanted=True)
    assert len(group.transcript.answers()) == 1


async def test_a_document_that_was_not_shown_before_the_end_is_shown_after_the_next_start(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.faults.plan(Flood(4), "editMessageText", chat=chat)
    async with bot(ScriptedBackend(answers=[TABLE])) as yard:
        await switched_on(yard, chat)
        minji.says(chat, "표")
        await server.until(lambda: any(call.code == 429 for call in server.calls))
    assert chat.transcript.answers() == ["…"]
    server.budget.forgive()
    async with bot(ScriptedBackend(answers=["글"])):
        await chat.transcript.until(lambda seen: bool(seen.screen()[-1].rich))
        await minji.clicks(last(chat), "다시").answered()
        await whole(chat, "글")
    assert chat.transcript.answers() == ["글"]


async def test_what_was_stopped_says_so_in_a_document_too(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    backend = HeldBackend(hold_after=40)
    async with bot(backend) as yard:
        await switched_on(yard, chat)
        minji.says(chat, f"# 아주 긴 제목이에요 정말로\n\n**열린 채로 {'말 ' * 30}")
        await backend.held.wait()
        minji.says(chat, "/stop")
        await chat.transcript.until(lambda seen: "멈췄어요" in "".join(seen.answers()))
        backend.go.set()
    shown = next(each for each in chat.transcript.screen() if each.rich)
    assert shown.rich.endswith("<p><i>(멈췄어요)</i></p>")
    assert "이어서" in str(shown.buttons)
    assert "**" not in shown.text


async def test_admins_switch_it_on_for_a_group_and_its_topics(
    bot: Bot, server: TelegramServer, minji: Person, chat: Chat
) -> None:
    junho = server.person("준호")
    forum = server.forum("마당", minji, junho)
    topic = minji.opens_topic(forum, "표")
    async with bot(ScriptedBackend(answers=[TABLE, TABLE])):
        minji.says(forum, "/settings@madang_bot")
        await forum.transcript.until(lambda seen: "표·제목" in str(seen.screen()[-1].buttons))
        menu = last(forum)
        assert "관리자만" in await junho.clicks(menu, "표·제목").answered()
        assert await minji.clicks(menu, "표·제목").answered() == "바꾸었어요."
        await forum.transcript.until(lambda seen: "☑ 표·제목" in str(seen.screen()[-1].buttons))
        junho.says(topic, "@madang_bot 표")
        await forum.transcript.until(lambda seen: bool(seen.screen()[-1].rich))
        minji.says(chat, "/settings")
        await chat.transcript.until(lambda seen: "표·제목" in str(seen.screen()[-1].buttons))
        assert await minji.clicks(last(chat), "표·제목").answered() == "바꾸었어요."
        minji.says(chat, "표")
        await chat.transcript.until(lambda seen: bool(seen.screen()[-1].rich))
