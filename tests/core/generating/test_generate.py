"""A whole job: from a document over the queue to a file."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from madang.contract import Request
from madang.errors import Quota, SettingsError, SwitchedOff, UnknownPersona
from madang.generating import Document, Generated, Headway, generate, headway_words, outcome_words
from madang.testing import Answer, Chat, EchoBackend, HeldBackend, ScriptedBackend, open_chat
from madang.texts import LOCALES, Texts

PROFILE = """\
persona = "assistant"
accept_licences = ["echo"]
[models.echo]
backend = "echo"
licence = "CC BY-NC 4.0"
restriction = "non-commercial use only"
attribution = "Echo by nobody"
[defaults]
model = "echo"
form = "general"
"""
LEAF = "잎은 광합성이 일어나는 곳이다. " * 4
ROOT = "뿌리는 물과 무기 양분을 빨아들인다. " * 4
BOOK = Document("책.md", f"# 잎\n\n{LEAF}\n\n# 뿌리\n\n{ROOT}".encode())
LEAF_PAIR = "[[Q]] 광합성은 어디에서? [[A]] 잎"
ROOT_PAIR = "[[Q]] 물은 무엇이 빨아들여? [[A]] 뿌리"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Write a profile on the echo backend."""
    path = tmp_path / "test.toml"
    path.write_text(PROFILE, "utf-8")
    return path


@dataclass
class Job:
    """Run a job as a bot does, and keep what it told."""

    chat: Chat
    told: list[Headway] = field(default_factory=list)
    cancel: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(
        self, document: Document = BOOK, *, samples: int = 1, mode: str = ""
    ) -> Generated:
        return await generate(
            self.chat.yard,
            document,
            author=self.chat.author,
            place=self.chat.place,
            persona=f"qa_generator{mode}",
            samples=samples,
            size=100,
            progress=self.told.append,
            cancel=self.cancel,
        )


def scripted(*answers: str | Answer | Exception) -> ScriptedBackend:
    return ScriptedBackend(answers=answers)


def questions(generated: Generated) -> Sequence[str]:
    return [pair.question for pair in generated.pairs]


async def test_every_line_says_where_it_comes_from(profile: Path) -> None:
    async with open_chat(profile, backend=scripted(LEAF_PAIR, ROOT_PAIR)) as chat:
        job = Job(chat)
        generated = await job.run()
        assert await chat.shown() == []
    assert generated.name == "책.jsonl"
    one, other = map(json.loads, generated.jsonl.decode().splitlines())
    text = BOOK.data.decode()
    assert one == {
        "question": "광합성은 어디에서?",
        "answer": "잎",
        "passage": f"# 잎\n\n{LEAF}".strip(),
        "source": {"file": "책.md", "heading": "잎", "offset": 0},
        "persona": "qa_generator",
        "model": {
            "name": "echo",
            "licence": "CC BY-NC 4.0",
            "restriction": "non-commercial use only",
            "attribution": "Echo by nobody",
        },
    }
    assert other["source"] == {"file": "책.md", "heading": "뿌리", "offset": text.index("# 뿌리")}
    assert [(told.done, told.kept) for told in job.told if told.waiting is None] == [
        (0, 0),
        (1, 1),
        (2, 2),
    ]
    assert {told.waiting.phase for told in job.told if told.waiting} >= {"generating"}


async def test_equal_questions_are_kept_once(profile: Path) -> None:
    again = "[[Q]] 광합성은  어디에서 [[A]] 모름"
    backend = scripted(LEAF_PAIR, again, again, ROOT_PAIR)
    async with open_chat(profile, backend=backend) as chat:
        generated = await Job(chat).run(samples=2)
    assert (generated.done, generated.repeated, generated.problem) == (4, 2, None)
    assert sorted(questions(generated)) == ["광합성은 어디에서?", "물은 무엇이 빨아들여?"]


async def test_bad_answers_are_tried_again_with_other_seeds_and_dropped(profile: Path) -> None:
    backend = scripted("그냥 글", Answer(LEAF_PAIR, "length"), LEAF_PAIR, "하나", "둘", "셋")
    one = Document("글.txt", LEAF.encode())
    async with open_chat(profile, backend=backend) as chat:
        generated = await Job(chat).run(one)
        assert questions(generated) == ["광합성은 어디에서?"]
        nothing = await Job(chat).run(one)
        (counted,) = await chat.yard.store.usage("author", "persona", "model", "place")
    assert (nothing.dropped, nothing.jsonl) == (1, b"")
    assert nothing.problem is not None
    assert nothing.problem.code == "bad_answer"
    assert len({request.sampling.seed for request in backend.answered}) == 6
    assert (counted.author.id, counted.requests, counted.place) == (
        "test:somebody",
        2,
        "test/main",
    )
    assert counted.output == sum(map(len, ["그냥 글", LEAF_PAIR, LEAF_PAIR, "하나", "둘", "셋"]))


async def test_it_is_bulk_work_beside_the_authors_own_chat(profile: Path) -> None:
    backend = Pairs()
    async with open_chat(profile, backend=backend) as chat:
        await Job(chat).run(samples=4)
        await chat.ask("안녕?")
    *asked, chatted = backend.answered
    assert {request.request_class for request in asked} == {"bulk"}
    assert chatted.request_class == "interactive"
    assert chatted.user not in {request.user for request in asked}
    assert 1 < len({request.conversation for request in asked}) <= 4


class Pairs(EchoBackend):
    """Write a new pair every time."""

    def answer(self, request: Request) -> Answer:
        return Answer(f"[[Q]] {len(self.answered)}번째 물음? [[A]] 답")


class HeldPairs(HeldBackend, Pairs):
    """The same, but hold every answer at its second character once ten were begun."""

    async def tick(self, number: int) -> None:
        if len(self.answered) > 10:
            await super().tick(number)


async def test_cancelling_keeps_what_is_done_and_frees_the_slots(profile: Path) -> None:
    backend = HeldPairs()
    async with open_chat(profile, backend=backend) as chat:
        job = Job(chat)
        running = asyncio.create_task(job.run(samples=20))
        await backend.held.wait()
        job.cancel.set()
        generated = await running
        backend.go.set()
        # The slots are free again.
        assert (await chat.ask("안녕?")).text
    assert generated.cancelled
    assert 6 <= len(generated.pairs) == generated.done < generated.total
    assert backend.closed
    assert generated.problem is None


async def test_abandoning_the_task_frees_the_slots(profile: Path) -> None:
    backend = HeldPairs()
    async with open_chat(profile, backend=backend) as chat:
        running = asyncio.create_task(Job(chat).run(samples=20))
        await backend.held.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        backend.go.set()
        assert (await chat.ask("안녕?")).text
    assert backend.closed


async def test_a_limit_of_the_day_ends_it_with_what_is_done(profile: Path) -> None:
    profile.write_text(f"{PROFILE}[limits]\ndaily_requests = 8\n", "utf-8")
    async with open_chat(profile, backend=Pairs()) as chat:
        generated = await Job(chat).run(samples=20)
        assert 8 <= len(generated.pairs) <= 12
        assert generated.problem is not None
        assert generated.problem.code == "quota"
        assert not generated.cancelled
        with pytest.raises(Quota):
            await Job(chat).run()


async def test_what_no_other_passage_changes_ends_it(profile: Path) -> None:
    backend = scripted(LEAF_PAIR, RuntimeError("burnt"))
    async with open_chat(profile, backend=backend) as chat:
        generated = await Job(chat).run(samples=4)
    assert questions(generated) == ["광합성은 어디에서?"]
    assert generated.problem is not None
    assert generated.done < generated.total


async def test_filters_have_their_say(profile: Path) -> None:
    rules = 'words = ["뿌리"]\nincoming = "refuse"\noutgoing = "mask"\n'
    profile.write_text(f"{PROFILE}[filters.wordlist]\nenabled = true\n{rules}", "utf-8")
    pair = "[[Q]] 광합성은? [[A]] 잎, 뿌리 말고"
    async with open_chat(profile, backend=scripted(pair)) as chat:
        generated = await Job(chat).run()
    assert [each.answer for each in generated.pairs] == ["잎, ＊＊ 말고"]
    assert (generated.done, generated.dropped, generated.problem) == (2, 1, None)


async def test_it_waits_for_room_in_the_queue(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.generating.sampler.BUSY_SECONDS", 0.001)
    profile.write_text(f"{PROFILE}[queue]\nmax_waiting = 1\n", "utf-8")
    async with open_chat(profile, backend=Pairs()) as chat:
        generated = await Job(chat).run(samples=10)
    assert (generated.done, generated.problem) == (20, None)


@pytest.mark.parametrize(
    ("more", "mode", "kind"),
    [
        ("[personas.qa_generator]\nenabled = false\n", "", SwitchedOff),
        ('[places."test/main"]\nenabled = false\n', "", SwitchedOff),
        ('[plugins]\nwithout = ["qa_generator"]\n', "", UnknownPersona),
        ("", ":nix", UnknownPersona),
    ],
)
async def test_who_cannot_answer_is_said_before_anything_is_asked(
    profile: Path, more: str, mode: str, kind: type[Exception]
) -> None:
    profile.write_text(PROFILE + more, "utf-8")
    async with open_chat(profile, backend=Pairs()) as chat:
        job = Job(chat)
        with pytest.raises(kind):
            await job.run(mode=mode)
        assert job.told == []


async def test_a_persona_that_makes_no_pairs_is_named(profile: Path) -> None:
    async with open_chat(profile) as chat:
        generated = await generate(
            chat.yard, BOOK, author=chat.author, place=chat.place, persona="slang_friend"
        )
    assert generated.problem is not None
    assert "slang_friend wrote no pair" in generated.problem.message


@pytest.mark.parametrize("samples", [0, 21])
async def test_numbers_out_of_range_are_refused(profile: Path, samples: int) -> None:
    async with open_chat(profile, backend=Pairs()) as chat:
        with pytest.raises(SettingsError, match="samples"):
            await Job(chat).run(samples=samples)


@pytest.mark.parametrize("locale", LOCALES)
async def test_people_are_told_in_their_language(profile: Path, locale: str) -> None:
    texts = Texts.of("madang", locale)
    async with open_chat(profile, backend=scripted(LEAF_PAIR, LEAF_PAIR)) as chat:
        job = Job(chat)
        generated = await job.run()
    words = [headway_words(texts, told) for told in job.told]
    assert "2/2" in words[-1]
    assert outcome_words(texts, generated).count("\n") == 1
