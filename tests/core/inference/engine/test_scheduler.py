"""Who is computed in a step, and how much of it."""

import pytest
from tests.core.inference.engine.desk import NOBODY, Desk, spans

# --- prefill and decode ----------------------------------------------------------------------


def test_a_prompt_then_one_token_a_step() -> None:
    desk = Desk()
    one = desk.add(6)
    assert spans(desk.step()) == [(one, 0, 6, True)]
    assert spans(desk.step()) == [(one, 6, 1, True)]
    assert spans(desk.step()) == [(one, 7, 1, True)]
    assert (one.output, one.tokens[6:]) == (3, [7, 7, 7])


def test_a_long_prompt_goes_in_chunks_and_only_the_last_samples() -> None:
    desk = Desk(prefill=5)
    one = desk.add(12)
    assert spans(desk.step()) == [(one, 0, 5, False)]
    assert spans(desk.step()) == [(one, 5, 5, False)]
    assert spans(desk.step()) == [(one, 10, 2, True)]


def test_decodes_come_first_and_prefills_share_the_smaller_budget() -> None:
    desk = Desk(prefill_beside=6)
    one = desk.add(3)
    desk.step()
    two, three = desk.add(4), desk.add(4)
    assert spans(desk.step()) == [(one, 3, 1, True), (two, 0, 4, True), (three, 0, 2, False)]
    assert spans(desk.step()) == [(one, 4, 1, True), (two, 4, 1, True), (three, 2, 2, True)]


def test_a_prefill_that_goes_on_precedes_an_admission() -> None:
    desk = Desk(prefill=6)
    one, two = desk.add(8), desk.add(8, priority=1)
    assert spans(desk.step()) == [(one, 0, 6, False)]
    first = desk.add(8)
    assert spans(desk.step()) == [(one, 6, 2, True), (first, 0, 4, False)]
    assert two not in desk.scheduler.running


def test_one_position_that_samples_is_a_decode_and_keeps_its_place() -> None:
    desk = Desk(prefill=9, prefill_beside=9)
    prompt = list(range(9))
    first = desk.add(prompt)
    desk.step()
    two = desk.add(20)
    desk.step()
    again = desk.add(prompt)
    step = desk.step()
    assert spans(step) == [(first, 10, 1, True), (two, 9, 9, False)]
    step = desk.step()
    assert spans(step) == [(first, 11, 1, True), (again, 8, 1, True), (two, 18, 2, True)]
    assert [chunk.sequence for chunk in desk.step().chunks] == [first, two, again]


def test_no_more_run_than_there_are_slots() -> None:
    desk = Desk(slots=2)
    first, second, third = (desk.add(4) for _ in range(3))
    desk.step()
    assert (desk.scheduler.running, desk.scheduler.waiting) == ([first, second], 1)
    desk.scheduler.remove(first)
    desk.step()
    assert desk.scheduler.running == [second, third]


# --- pipelining ------------------------------------------------------------------------------


def test_the_next_step_goes_on_from_tokens_not_known_yet() -> None:
    desk = Desk()
    one = desk.add(4)
    steps = [desk.schedule() for _ in range(3)]
    assert [spans(step)[0][1:] for step in steps] == [(0, 4, True), (4, 1, True), (5, 1, True)]
    assert (one.pending, one.length, one.output) == (3, 7, 0)
    for step in steps:
        desk.commit(step)
    assert (one.pending, one.length, one.output) == (0, 7, 3)


def test_nobody_is_decoded_beyond_the_limit() -> None:
    desk = Desk()
    one = desk.add(4, room=2)
    steps = [desk.schedule() for _ in range(2)]
    assert one.length == one.limit
    assert desk.scheduler.schedule() is None
    for step in steps:
        desk.commit(step)
    assert desk.scheduler.schedule() is None
    assert not desk.scheduler.idle


# --- admission -------------------------------------------------------------------------------


def test_lower_priority_goes_first_then_arrival() -> None:
    desk = Desk(slots=1)
    late, second, first = desk.add(4, priority=1), desk.add(4), desk.add(4, priority=-1)
    order = []
    while not desk.scheduler.idle:
        sequence = desk.step().admitted[0]
        order.append(sequence)
        desk.scheduler.remove(sequence)
    assert order == [first, second, late]


def test_admission_needs_blocks_for_the_prompt_and_one_more_token() -> None:
    desk = Desk(total=4)
    one = desk.add(7, room=2)
    desk.step()
    two = desk.add(8, room=2)
    assert desk.step().admitted == NOBODY
    desk.scheduler.remove(one)
    assert desk.step().admitted == (two,)
    assert len(two.blocks) == 3


def test_admission_leaves_the_running_their_next_block() -> None:
    desk = Desk(total=4)
    one = desk.add(7, room=9)
    desk.step()
    desk.add(6, room=2)
    assert spans(desk.schedule()) == [(one, 7, 1, True)]
    assert one.length == 9
    assert len(one.blocks) == 2


def test_the_first_in_line_is_not_overtaken() -> None:
    desk = Desk(total=5)
    one = desk.add(8)
    desk.step()
    long, short = desk.add(12, room=4), desk.add(2)
    assert desk.step().admitted == NOBODY
    desk.scheduler.remove(one)
    assert desk.step().admitted == (long, short)


def test_a_lone_sequence_needs_no_more_blocks_than_its_limit_fills() -> None:
    desk = Desk(total=3)
    one = desk.add(3, room=9)
    while one.length < one.limit:
        desk.step()
    assert (one.preemptions, desk.blocks.used) == (0, 3)


def test_what_can_never_be_served_is_refused() -> None:
    desk = Desk(total=3)
    assert desk.scheduler.capacity == 12
    for prompt, room in ((0, 5), (5, 0), (5, 8)):
        with pytest.raises(ValueError, match="cannot be served by a cache of 12"):
            desk.add(prompt, room=room)
    with pytest.raises(ValueError, match="nothing ever runs"):
        Desk(slots=0)
