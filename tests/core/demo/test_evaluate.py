"""Measuring the demo model: what counts as right, and how it is added up."""

from madang.demo.corpus import COMMON, read_corpus, read_heldout
from madang.demo.evaluate import accepted_answers, is_right, measure, table


def test_right_is_the_written_answer_but_for_spaces_or_nearly_so() -> None:
    wanted = ["중앙은행은 화폐를 발행하고 통화정책을 맡는 기관이에요."]
    assert is_right("중앙은행은  화폐를 발행하고\n통화정책을 맡는 기관이에요.", wanted)
    assert is_right("중앙은행은 화폐를 발행하고 통화정책을 맡은 기관이에요.", wanted)
    assert not is_right("잘 모르겠어요.", wanted)
    assert not is_right("", wanted)


async def test_rates_are_counted_by_persona_and_kind() -> None:
    persona = "finance_advisor"
    accepted = accepted_answers(persona, read_corpus(persona), read_corpus(COMMON))
    topics = {question.ask: question.topic for question in read_heldout(persona).question}

    async def knows_all_but_the_unknown(_: str, question: str) -> str:
        return (
            "모르는 것이 없다" if topics[question] == "unknown" else accepted[topics[question]][0]
        )

    result = await measure(knows_all_but_the_unknown, [persona])
    shares = {rate.kind: rate.share for rate in result.rates()}
    assert shares.pop("unknown") == 0
    assert set(shares.values()) == {1.0}
    assert f"| {persona} |" in table(result)
    assert {verdict.question.kind for verdict in result.wrong()} == {"unknown"}
