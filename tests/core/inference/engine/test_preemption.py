"""Losing blocks: to others, by removal, and steps that did not run."""

from tests.core.inference.engine.desk import NOBODY, Desk, spans

from madang.inference.engine.sequence import Sequence

# --- preemption ------------------------------------------------------------------------------


def crowd(desk: Desk) -> tuple[Sequence, Sequence]:
    """Let two sequences fill all 4 blocks, so that both need another."""
    first, last = desk.add(7), desk.add(7)
    desk.step()
    desk.step()
    return first, last


def test_the_last_in_order_gives_its_blocks_to_the_needy() -> None:
    desk = Desk(total=4)
    first, last = crowd(desk)
    step = desk.step()
    assert spans(step) == [(first, 8, 1, True)]
    assert (step.preempted, last.preemptions, last.computed) == ((last,), 1, 0)
    assert (desk.scheduler.waiting, desk.blocks.used) == (1, 3)


def test_who_came_first_stays_whatever_the_order_of_admission() -> None:
    desk = Desk(total=4)
    later = desk.add(6, priority=2)
    desk.step()
    first = desk.add(7, priority=1)
    desk.step()
    desk.step()
    step = desk.step()
    assert step.preempted == (later,)
    assert [chunk.sequence for chunk in step.chunks] == [first]


def test_the_preempted_resumes_with_its_output_and_what_the_cache_kept() -> None:
    desk = Desk(total=4)
    first, last = crowd(desk)
    desk.step()
    behind = desk.add(2)
    desk.scheduler.remove(first)
    step = desk.step()
    assert step.admitted == (last, behind)
    assert spans(step)[0] == (last, 4, 5, True)
    assert (last.output, last.cached) == (3, 0)


def test_nobody_comes_in_where_somebody_just_went_out() -> None:
    desk = Desk(total=5)
    first = desk.add(7, priority=1)
    desk.add(10, priority=2)
    desk.step()
    urgent = desk.add(2, priority=0)
    desk.step()
    step = desk.step()
    assert (len(step.preempted), step.admitted) == (1, NOBODY)
    assert [chunk.sequence for chunk in step.chunks] == [first]
    assert desk.step().admitted == (urgent,)


def test_tokens_in_flight_are_learnt_before_a_victim_resumes() -> None:
    desk = Desk(total=4)
    first, last = desk.add(7, priority=1), desk.add(7, priority=2)
    steps = [desk.schedule() for _ in range(2)]
    assert desk.schedule().preempted == (last,)
    desk.scheduler.remove(first)
    assert last.pending == 2
    assert desk.scheduler.schedule() is None
    for step in steps:
        desk.scheduler.commit(last, 7)
        assert step.chunks[1].sequence is last
    assert spans(desk.step()) == [(last, 4, 5, True)]


def test_who_waits_for_its_last_token_can_lose_its_blocks_too() -> None:
    desk = Desk(total=4)
    first, last = desk.add(7, priority=1), desk.add(7, room=2, priority=2)
    steps = [desk.schedule() for _ in range(2)]
    assert desk.schedule().preempted == (last,)
    for step in steps:
        desk.commit(step)
    assert (last.tokens[7:], last.length) == ([7, 7], last.limit)
    assert first.output == 2


def test_a_preemption_is_told_though_nothing_else_could_run() -> None:
    desk = Desk(total=4)
    first, last = desk.add(7, room=2, priority=1), desk.add(7, priority=2)
    steps = [desk.schedule() for _ in range(2)]
    assert first.length == first.limit
    assert desk.scheduler.schedule() is None
    assert (last.preemptions, desk.scheduler.running) == (1, [first])
    for step in steps:
        desk.commit(step)
    desk.scheduler.remove(first)
    step = desk.step()
    assert (step.preempted, step.admitted) == ((last,), (last,))


# --- removing and taking back ----------------------------------------------------------------


def test_removing_is_possible_at_any_time_and_twice() -> None:
    desk = Desk(slots=1)
    running, waiting = desk.add(4), desk.add(4)
    step = desk.schedule()
    for sequence in (running, waiting, running, waiting):
        desk.scheduler.remove(sequence)
    assert (desk.scheduler.idle, desk.blocks.used) == (True, 0)
    desk.commit(step)
    assert desk.scheduler.schedule() is None
    assert desk.blocks.free == desk.blocks.total


def test_a_preempted_sequence_that_is_removed_is_not_told_of() -> None:
    desk = Desk(total=4)
    first, last = desk.add(7, room=2, priority=1), desk.add(7, priority=2)
    desk.schedule()
    desk.schedule()
    assert desk.scheduler.schedule() is None
    desk.scheduler.remove(last)
    desk.scheduler.remove(first)
    desk.add(4)
    assert desk.step().preempted == NOBODY


def test_a_step_that_did_not_run_is_planned_again() -> None:
    desk = Desk(prefill_beside=6)
    desk.add(8)
    desk.step()
    gone = desk.add(8)
    failed = desk.schedule()
    desk.scheduler.retract(failed)
    desk.filled()
    again = desk.schedule()
    assert spans(again) == spans(failed)
    assert (failed.admitted, again.admitted) == ((gone,), NOBODY)
    assert desk.filled() == []
    desk.scheduler.remove(gone)
    desk.scheduler.retract(again)
    assert desk.scheduler.running[0].pending == 0


def test_what_is_planned_again_keeps_to_its_budget() -> None:
    desk = Desk(prefill=12, prefill_beside=4)
    prompt = list(range(9))
    done = desk.add(prompt)
    desk.step()
    desk.scheduler.remove(done)
    again, two, three = desk.add(prompt), desk.add(4), desk.add(4)
    failed = desk.schedule()
    assert spans(failed) == [(again, 8, 1, True), (two, 0, 4, True), (three, 0, 4, True)]
    desk.scheduler.retract(failed)
    assert spans(desk.schedule()) == [(again, 8, 1, True), (two, 0, 4, True)]


# --- smaller steps ---------------------------------------------------------------------------


def test_narrowing_preempts_the_last_and_admits_nobody_beyond() -> None:
    desk = Desk()
    first, second, third = (desk.add(4) for _ in range(3))
    desk.step()
    desk.scheduler.narrow(1)
    step = desk.step()
    assert step.preempted == (third, second)
    assert [chunk.sequence for chunk in step.chunks] == [first]
    desk.scheduler.widen()
    assert desk.step().admitted == (second,)


def test_shortening_halves_the_budgets_until_they_are_one() -> None:
    desk = Desk(prefill=4, prefill_beside=2)
    desk.add(20)
    assert desk.scheduler.shorten()
    assert spans(desk.step())[0][2] == 2
    assert desk.scheduler.shorten()
    assert spans(desk.step())[0][2] == 1
    assert not desk.scheduler.shorten()
    counts = []
    for _ in range(3):
        desk.scheduler.widen()
        counts.append(spans(desk.step())[0][2])
    assert counts == [2, 4, 4]
