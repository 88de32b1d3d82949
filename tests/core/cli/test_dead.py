"""`madang dead`, as somebody types it."""

import asyncio
import io
import json
import sys
from collections.abc import Sequence

import msgspec
import pytest
from redis import Redis
from rich.cells import cell_len
from tests.core.cli.conftest import Fleet, Join

from madang.cli import main
from madang.contract import Request, Sampling
from madang.queue.redis import Terms
from madang.testing import a_prompt, a_request, end_of, ended, take_one

Said = pytest.CaptureFixture[str]


def bury(fleet: Fleet, *requests: Request, told: bool = False) -> None:
    """Have requests killed, each by a worker that starts again and has forgotten it."""

    async def act(join: Join) -> None:
        bot = join("bot")
        for request in requests:
            await bot.submit(request)
            await take_one(join())
            await join().take("worker", ["echo"], 0)
            if told:
                await end_of(bot, request.id)

    asyncio.run(fleet.act(act))


def malformed(fleet: Fleet, body: bytes) -> None:
    """Leave a letter whose body is not a request."""
    with Redis.from_url(fleet.server.url) as client:
        prefix = Terms(namespace=fleet.namespace).prefix
        client.xadd(f"{prefix}dead", {"id": "broken", "why": "malformed", "body": body})


def dead(fleet: Fleet, *words: str) -> int:
    return main(["dead", *words, "--profile", fleet.profile])


def ids(fleet: Fleet, capsys: Said) -> Sequence[str]:
    capsys.readouterr()
    assert dead(fleet, "list", "--json") == 0
    return [row["id"] for row in json.loads(capsys.readouterr().out)]


def test_no_letters_are_told(fleet: Fleet, capsys: Said) -> None:
    assert dead(fleet, "list") == 0
    assert capsys.readouterr().out == "no dead letters\n"
    assert dead(fleet, "drop", "--all", "--yes") == 0
    assert dead(fleet, "retry", "--all") == 0


def test_letters_are_listed_with_korean_names_in_line(fleet: Fleet, capsys: Said) -> None:
    bury(fleet, a_request(id="one", user="terminal:kim"), a_request(id="two", user="순이네"))
    assert dead(fleet, "list") == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "when", "why", "model", "user", "failures"]
    assert first.split()[3:] == ["dead", "echo", "terminal:kim", "1"]
    assert second.split()[3:] == ["dead", "echo", "순이네", "1"]
    assert cell_len(head) == cell_len(first) == cell_len(second)
    assert dead(fleet, "list", "--json") == 0
    row = json.loads(capsys.readouterr().out)[0]
    assert (row["id"], row["why"], row["model"], row["bot"]) == ("one", "dead", "echo", "bot")
    assert (row["user"], row["failures"]) == ("terminal:kim", 1)
    assert row["written"] > 1e9
    assert row["size"] > 0


def test_a_letter_is_shown_bounded_and_without_what_steers_a_terminal(
    fleet: Fleet, capsys: Said
) -> None:
    prompt = a_prompt("\x1b[2J질문", head="너는 순이야. " + "가" * 5000)
    sampling = Sampling(temperature=0.7, stop=("\n",))
    bury(fleet, a_request(id="one", prompt=prompt, sampling=sampling, conversation="talk"))
    assert dead(fleet, "show", "one") == 0
    text = capsys.readouterr().out
    for part in ("every worker that took it was lost", "talk", "0.7", "'\\n'", "[system]\n너는"):
        assert part in text
    assert "\x1b" not in text
    assert "characters left out" in text
    assert text.endswith("[user]\n�[2J질문\n")
    assert len(text) < 5000


def test_a_whole_prompt_is_shown_to_its_end(fleet: Fleet, capsys: Said) -> None:
    bury(fleet, a_request("\x1b[2J왜 하늘은 파래?", id="one"))
    assert dead(fleet, "show", "one") == 0
    assert capsys.readouterr().out.endswith("[user]\n�[2J왜 하늘은 파래?\n")


def test_an_unreadable_body_is_said_and_written_raw(
    fleet: Fleet, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    malformed(fleet, b"\x81\xa6newer\x01")
    assert dead(fleet, "show", "broken") == 0
    text = capsysbinary.readouterr().out.decode()
    assert "cannot be read by this version" in text
    assert "size          0.0 KiB" in text
    assert dead(fleet, "show", "broken", "--raw") == 0
    assert capsysbinary.readouterr().out == b"\x81\xa6newer\x01"
    assert dead(fleet, "retry", "broken") == 1
    assert "this version cannot read it" in capsysbinary.readouterr().out.decode()


def test_the_raw_body_is_the_request(
    fleet: Fleet, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    request = a_request(id="one")
    bury(fleet, request)
    capsysbinary.readouterr()
    assert dead(fleet, "show", "one", "--raw") == 0
    assert msgspec.msgpack.decode(capsysbinary.readouterr().out, type=Request) == request


def test_an_unknown_id_names_the_nearest(fleet: Fleet, capsys: Said) -> None:
    bury(fleet, a_request(id="turn-1-0-1"))
    assert dead(fleet, "show", "turn-1-0-2") == 2
    assert "There is no dead letter 'turn-1-0-2'.\n  Did you mean 'turn-1-0-1'?" in (
        capsys.readouterr().err
    )
    assert dead(fleet, "drop", "x", "--yes") == 2
    assert "`madang dead list` shows them all." in capsys.readouterr().err
    assert ids(fleet, capsys) == ["turn-1-0-1"]


@pytest.mark.parametrize("action", ["retry", "drop"])
def test_which_letters_has_to_be_said(fleet: Fleet, capsys: Said, action: str) -> None:
    assert dead(fleet, action) == 2
    assert dead(fleet, action, "one", "--all") == 2
    assert "Give their ids, or --all." in capsys.readouterr().err


def test_a_letter_is_put_back_and_answered(fleet: Fleet, capsys: Said) -> None:
    requests = [a_request(id="one"), a_request(id="two", user="other")]
    bury(fleet, *requests)
    assert dead(fleet, "retry", "one") == 0
    assert "one: put back, place 1; its bot shows the answer" in capsys.readouterr().out
    assert ids(fleet, capsys) == ["two"]

    async def answer(join: Join) -> None:
        worker, bot = join(), join("bot")
        await worker.finish(ended(await take_one(worker), "늦었지만"))
        await bot.submit(requests[0])
        assert (await end_of(bot, "one")).text == "늦었지만"

    asyncio.run(fleet.act(answer))


def test_that_nobody_will_see_the_answer_is_said(fleet: Fleet, capsys: Said) -> None:
    bury(fleet, a_request(id="one"), told=True)
    assert dead(fleet, "retry", "--all") == 0
    assert "nobody is shown it" in capsys.readouterr().out


def test_what_cannot_be_put_back_stays_and_says_why(fleet: Fleet, capsys: Said) -> None:
    bury(fleet, a_request(id="one", conversation="here"), a_request(id="two"))

    async def ask(join: Join) -> None:
        await join("bot").submit(a_request(conversation="here"))

    asyncio.run(fleet.act(ask))
    assert dead(fleet, "retry", "--all") == 1
    text = capsys.readouterr().out
    assert "one: stays, its conversation waits for another answer" in text
    assert "two: put back" in text
    assert ids(fleet, capsys) == ["one"]


def test_dropping_asks_a_person_and_wants_yes_from_a_script(
    fleet: Fleet, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    bury(fleet, a_request(id="one"), a_request(id="two"))
    assert dead(fleet, "drop", "--all") == 2
    assert "Add --yes" in capsys.readouterr().err
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for answer, left in (("n\n", ["one", "two"]), ("y\n", ["two"])):
        person = io.StringIO(answer)
        monkeypatch.setattr(person, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", person)
        dead(fleet, "drop", "one")
        assert ids(fleet, capsys) == left
    assert dead(fleet, "drop", "two", "--yes") == 0
    assert capsys.readouterr().out == "dropped 1 dead letter\n"


def test_a_local_queue_has_no_letters_to_look_at(
    tmp_path_factory: pytest.TempPathFactory, capsys: Said
) -> None:
    path = tmp_path_factory.mktemp("local") / "local.toml"
    path.write_text('[models.echo]\nbackend = "echo"\n', "utf-8")
    assert main(["dead", "list", "--profile", str(path)]) == 2
    assert "nothing to look at from outside" in capsys.readouterr().err
