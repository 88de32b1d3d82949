"""How a model is doing, in the words of a bot."""

from madang.about import about_speed
from madang.contract import Metrics
from madang.texts import Texts


def test_figures_are_rounded_for_people() -> None:
    metrics = Metrics(
        slots=16,
        running=2,
        prompt_tokens=25,
        cached_tokens=75,
        output_tokens=9,
        tokens_per_second=123.4,
        first_token_seconds=0.156,
    )
    [(label, words)] = about_speed(Texts.of("madang", "en"), metrics)
    assert label == "now"
    assert words == (
        "123 tokens a second in the last 10 seconds, first token after 0.16 s, "
        "2 of 16 slots in use, 75 % of prompts read before"
    )


def test_nothing_is_said_before_the_first_token() -> None:
    assert about_speed(Texts.of("madang", "ko"), Metrics(slots=4)) == []
    assert about_speed(Texts.of("madang", "ko"), None) == []
