"""What of a prompt is not computed again, and when others may have it."""

from tests.core.inference.engine.desk import Desk, spans


def test_a_prompt_is_reused_by_the_step_after_it() -> None:
    desk = Desk()
    prompt = list(range(10))
    desk.add(prompt)
    desk.schedule()
    two = desk.add([*prompt, 50])
    step = desk.schedule()
    assert spans(step)[-1] == (two, 8, 3, True)
    assert two.cached == 8
    assert (desk.blocks.hits, desk.blocks.misses) == (8, 13)


def test_an_answer_is_reused_by_the_next_turn() -> None:
    desk = Desk()
    one = desk.add(6)
    for _ in range(7):
        desk.step()
    desk.scheduler.remove(one)
    desk.add([*one.tokens, 50])
    assert spans(desk.step())[0][1:] == (12, 2, True)


def test_another_adapter_reuses_nothing() -> None:
    desk = Desk()
    prompt = list(range(10))
    desk.add(prompt)
    desk.step()
    desk.add(prompt, adapter="friend")
    assert spans(desk.step())[-1][1:] == (0, 10, True)


def test_one_token_at_least_is_computed() -> None:
    desk = Desk()
    prompt = list(range(8))
    desk.add(prompt)
    desk.step()
    two = desk.add(prompt)
    assert spans(desk.step())[-1] == (two, 4, 4, True)


def test_a_removed_sequence_leaves_its_blocks_to_others() -> None:
    desk = Desk(total=3)
    one = desk.add(list(range(8)), room=1)
    desk.step()
    desk.scheduler.remove(one)
    assert (desk.blocks.used, desk.scheduler.idle) == (0, True)
    two = desk.add([*range(8), 50], room=1)
    assert spans(desk.step()) == [(two, 8, 1, True)]


def test_blocks_are_listed_once_they_are_known_and_computed() -> None:
    desk = Desk(prefill=6)
    one = desk.add(10)
    step = desk.schedule()
    assert desk.filled() == []
    desk.schedule()
    assert desk.filled() == [(one, 0)]
    step = desk.schedule()
    assert desk.filled() == [(one, 1)]
    desk.scheduler.commit(one, 7)
    desk.commit(step)
    assert desk.filled() == []
    desk.step()
    assert desk.filled() == [(one, 2)]


def test_reused_blocks_are_not_listed_again() -> None:
    desk = Desk()
    prompt = list(range(10))
    desk.add(prompt)
    desk.step()
    desk.filled()
    two = desk.add([*prompt, 50, 51])
    desk.step()
    assert desk.filled() == [(two, 2)]
