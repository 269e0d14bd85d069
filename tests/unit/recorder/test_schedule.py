"""When pictures are due."""

import pytest

from witting.device.recorder.schedule import Schedule

MS = 1_000_000


@pytest.fixture
def schedule() -> Schedule:
    """Give a schedule with two seconds between pictures of changes."""
    return Schedule(2000 * MS)


def reasons(schedule: Schedule, until_ms: int, *, changes: range, quiet_from_ms: int = 0) -> list[tuple[int, str]]:
    """Let time pass in steps of 10 ms with changes at some; return when which pictures were due."""
    found = []
    for at_ms in range(0, until_ms, 10):
        if at_ms in changes:
            schedule.note_change(at_ms * MS)
        schedule.must_watch(at_ms * MS)
        why = schedule.due(at_ms * MS, is_quiet=at_ms >= quiet_from_ms)
        if why is not None:
            schedule.note_picture(why, at_ms * MS)
            found.append((at_ms, why))
    return found


def test_while_nothing_changes_no_picture_is_due(schedule):
    """Without a change there is no time at which to look, and nothing to be had."""
    assert schedule.next_due_ns() is None
    assert reasons(schedule, 10_000, changes=range(0)) == []


def test_changes_that_go_on_are_pictured_every_two_seconds(schedule):
    """The first picture comes when the first change has settled, further ones at the interval: periodic."""
    assert reasons(schedule, 7000, changes=range(0, 7000, 10)) == [
        (120, "start"), (2120, "periodic"), (4120, "periodic"), (6120, "periodic"),
    ]  # fmt: skip


def test_a_change_after_a_quiet_time_is_pictured_as_soon_as_it_has_settled(schedule):
    """It needn't wait for the interval."""
    assert reasons(schedule, 200, changes=range(0, 10, 10)) == [(120, "start")]
    schedule.note_change(9000 * MS)
    assert schedule.next_due_ns() == 9120 * MS
    assert schedule.due(9120 * MS, is_quiet=True) == "damage"


@pytest.mark.parametrize(("quiet_from_ms", "due_ms"), [(0, 300), (400, 500), (900, 500)])
def test_what_came_of_a_click_is_pictured_when_the_screen_is_quiet_at_the_latest_after_half_a_second(schedule, quiet_from_ms, due_ms):
    """Between 300 and 500 ms after the press, and in place of a picture of the change."""
    schedule.note_picture("click", 0)
    schedule.note_press(0)
    assert reasons(schedule, 1500, changes=range(50, 60), quiet_from_ms=quiet_from_ms) == [(due_ms, "after_click")]


def test_a_click_of_which_nothing_comes_has_no_picture_afterwards(schedule):
    """The picture of the click itself shows it all."""
    schedule.note_picture("click", 0)
    schedule.note_press(0)
    assert reasons(schedule, 1500, changes=range(0)) == []
    assert schedule.next_due_ns() is None


def test_a_second_click_takes_the_place_of_the_first_one_s_picture_afterwards(schedule):
    """A double click has one picture of what came of it."""
    schedule.note_press(0)
    schedule.note_press(200 * MS)
    schedule.note_change(210 * MS)
    assert reasons(schedule, 1500, changes=range(0)) == [(500, "after_click")]


def test_what_was_put_off_waits_for_the_interval(schedule):
    """While something that isn't lent is in front, it is looked no more often than pictures would be taken."""
    schedule.note_change(0)
    schedule.put_off(0)
    assert schedule.next_due_ns() is None
    schedule.note_change(100 * MS)
    assert schedule.next_due_ns() == 2000 * MS


@pytest.mark.promise("P23")
def test_over_the_processor_s_budget_pictures_of_changes_get_rarer(schedule):
    """Five times the agreed time lies between them then, and the agreed time again once it is over."""
    schedule.thin(5)
    assert [at_ms for at_ms, _ in reasons(schedule, 12_000, changes=range(12_000))] == [120, 10_120]
    schedule.thin(1)
    schedule.forget()
    assert [at_ms for at_ms, _ in reasons(schedule, 5000, changes=range(5000))] == [120, 2120, 4120]
