"""Episodes: one for each stated task, whole, and honest about holes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telling import MS, click, mark, move, typed

from witting.actions import episodes
from witting.terms.events import Gap
from witting.terms.session import Record
from witting.terms.work import Episode


def of(records: list[Record]) -> list[Episode]:
    """Return the episodes of a session called s."""
    return episodes(records, participant="p" * 32, session_id="s")


def test_task_from_begin_to_done_is_an_episode() -> None:
    """An episode holds what was done between the participant's words, and nothing from outside."""
    records: list[Record] = [
        *click(0),
        mark(1000, "begin", "Send it"),
        *click(2000),
        typed(3000, 3500, "x"),
        mark(4000, "done"),
        *click(5000),
    ]
    (episode,) = of(records)
    assert (episode.episode_id, episode.instruction, episode.outcome, episode.participant) == ("s-0", "Send it", "done", "p" * 32)
    assert [(step.step_index, step.action.kind) for step in episode.steps] == [(0, "click"), (1, "type"), (2, "stop")]
    assert (episode.started_ns, episode.ended_ns, episode.has_holes) == (1000 * MS, 4000 * MS, False)


def test_outcomes_are_the_participants_own() -> None:
    """Done, given up, or never said: the next task or the end of the session closes what wasn't ended."""
    found = of([mark(0), mark(100, "gave_up"), mark(200), mark(300), mark(400, "done"), mark(500), move(900)])
    assert [(one.episode_id, one.outcome, one.ended_ns // MS) for one in found] == [
        ("s-0", "gave_up", 100),
        ("s-1", "unknown", 300),
        ("s-2", "done", 400),
        ("s-3", "unknown", 900),
    ]


def test_session_without_a_task_has_no_episode() -> None:
    """What nobody called a task isn't one; an end without a begin neither."""
    assert of([*click(0), mark(500, "done")]) == []
    assert of([]) == []


@pytest.mark.parametrize(
    ("gap", "has_holes"),
    [
        (Gap("lost", "pointer", 200 * MS, 210 * MS), True),
        (Gap("secure_field", "keys", 50 * MS, 150 * MS), True),
        (Gap("paused", "pointer", 200 * MS, 210 * MS), False),
        (Gap("lost", "pointer", 0, 99 * MS), False),
        (Gap("lost", "pointer", 401 * MS, 500 * MS), False),
    ],
)
def test_hole_inside_is_said(gap: Gap, *, has_holes: bool) -> None:
    """An episode with something missing says so; a pause, or a hole outside, isn't one."""
    (episode,) = of([mark(100), gap, mark(400, "done")])
    assert episode.has_holes is has_holes


def test_stop_belongs_to_the_task_it_ends() -> None:
    """When one task ends in the moment another begins, the stop is the first one's last step."""
    first, second = of([mark(0), *click(50), mark(200, "done"), mark(200), *click(300), mark(400, "done")])
    assert [step.action.kind for step in first.steps] == ["click", "stop"]
    assert [step.action.kind for step in second.steps] == ["click", "stop"]


@given(st.lists(st.tuples(st.integers(0, 2000), st.sampled_from(["begin", "done", "gave_up", "click"])), max_size=20))
def test_steps_are_in_at_most_one_episode(told: list[tuple[int, str]]) -> None:
    """However tasks begin and end, no step is learnt from twice and episodes come in order."""
    records: list[Record] = []
    for number, (at, what) in enumerate(sorted(told)):
        place = at * 100 + number * 3
        records += click(place) if what == "click" else [mark(place, what)]
    found = of(records)
    children = [step.action.children for episode in found for step in episode.steps]
    assert len(children) == len(set(children))
    assert [one.started_ns for one in found] == sorted(one.started_ns for one in found)
    assert all(one.started_ns <= step.action.timestamp_ns <= one.ended_ns for one in found for step in one.steps)
