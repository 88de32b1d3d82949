"""The benches of the bots, with a few short answers."""

from madang.bench.bots.figures import Need, Plan
from madang.bench.bots.story import Story, asked_for
from madang.bench.discord.race import bench_discord
from madang.bench.telegram.race import bench_telegram

PLAN = Plan(conversations=4, channels=2, seconds=0.2)


def ignored(line: str) -> None:
    """Take progress nowhere."""


def missed(figures: dict[str, object]) -> list[str]:
    """List what was needed and not measured so."""
    needs = figures["needs"]
    assert isinstance(needs, dict)
    return [name for name, need in needs.items() if not need["met"]]


def test_a_story_is_found_in_its_question() -> None:
    story = Story(3, 1000)
    assert asked_for(f"사람: {story.question}") == story
    assert asked_for("안녕") is None
    assert story.plain.startswith("이야기 3 ") and story.plain.endswith("끝 3")


def test_what_was_not_measured_is_not_met() -> None:
    assert Need(None, 1).figures()["met"] is False
    assert Need(1, 1).figures()["met"] is True


def test_the_discord_bot_shows_every_answer() -> None:
    figures = bench_discord(PLAN, ignored)
    # A busy machine may be late; that nothing is lost does not depend on it.
    assert set(missed(figures)) <= {"first_reaction_s", "consumed_s"}


def test_the_telegram_bot_shows_every_answer() -> None:
    figures = bench_telegram(PLAN, ignored)
    assert set(missed(figures)) <= {"first_reaction_s", "beside_shown_after_end_s"}
