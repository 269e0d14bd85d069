"""Sessions are cut by the participant's word, by pauses, or by what was worked in; each piece says what to mind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telling import MS, click, key, mark, node, tree, window

from witting.actions import episodes, steps
from witting.terms.events import Gap, PageNavigation
from witting.terms.session import Record
from witting.terms.work import Episode, SegmentKind

MINUTE = 60_000
BUTTON = node(0, -1, "button", (0, 0, 50, 50))


def cut(records: list[Record], segment: SegmentKind) -> list[Episode]:
    """Return the episodes of a session called s."""
    return episodes(records, participant="p" * 32, session_id="s", segment=segment)


def sizes(records: list[Record], segment: SegmentKind) -> list[int]:
    """Return how many steps each episode has."""
    return [len(episode.steps) for episode in cut(records, segment)]


def work(at: int, app: str, clicks: int) -> list[Record]:
    """Come to an app and click there, every three seconds."""
    return [window(at, app), *[one for number in range(clicks) for one in click(at + 1000 + 3000 * number)]]


def test_pause_of_a_minute_cuts() -> None:
    """Work that goes on after more than a minute is another episode; a shorter pause isn't."""
    assert sizes([*click(0), *click(30_000), *click(30_080 + MINUTE), *click(31_000 + 2 * MINUTE + 500)], "idle") == [3, 1]


def test_work_in_another_app_cuts_and_a_glance_aside_does_not() -> None:
    """Going over to another app for real is another goal; two steps elsewhere and back are part of the first."""
    records = [*work(0, "files", 4), *work(20_000, "mail", 1), *work(30_000, "files", 3), *work(50_000, "writer", 5)]
    assert sizes(records, "goal") == [5 + 2 + 4, 6]


def test_another_site_is_another_goal() -> None:
    """In one browser, two sites are two goals, two pages of one site are one."""

    def page(at: int, url: str) -> list[Record]:
        return [PageNavigation(at * MS, url, ""), *[one for number in range(3) for one in click(at + 3000 + 3000 * number)]]

    records = [window(0, "chromium"), *page(5000, "https://a.example.org/1"), *page(25_000, "https://a.example.org/2")]
    assert sizes([*records, *page(45_000, "https://b.example.org/")], "goal") == [9, 4]


def test_cuts_carry_the_task_stated_while_they_began() -> None:
    """A cut within a stated task has its instruction; only the one in which it ended has its outcome; outside there is none."""
    records: list[Record] = [
        *click(0),
        mark(2 * MINUTE, "begin", "Sort"),
        *click(2 * MINUTE + 10),
        *click(4 * MINUTE),
        mark(4 * MINUTE + 900, "done"),
    ]
    found = cut(records, "idle")
    assert [(one.instruction, one.outcome, one.segment) for one in found] == [
        ("", "unknown", "idle"),
        ("Sort", "unknown", "idle"),
        ("Sort", "done", "idle"),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["files", "mail", "writer", "click", "begin", "done"])), max_size=25),
    st.sampled_from(["idle", "goal"]),
)
def test_cutting_loses_and_doubles_no_step(told: list[tuple[int, str]], segment: SegmentKind) -> None:
    """However it is cut, each step is in exactly one episode, and episodes come in order."""
    records: list[Record] = []
    for number, (second, what) in enumerate(sorted(told)):
        at = second * 1000 + number * 3
        records += click(at) if what == "click" else [mark(at, what)] if what in {"begin", "done"} else [window(at, what)]
    found = cut(records, segment)
    assert [step.action for one in found for step in one.steps] == [step.action for step in steps(records)]
    assert [one.started_ns for one in found] == sorted(one.started_ns for one in found)
    numbers = [[step.step_index for step in one.steps] for one in found]
    assert all(one == list(range(len(one))) for one in numbers)


def flags(*records: Record) -> tuple[str, ...]:
    """Return the flags of a session that is one task."""
    (episode,) = cut([mark(0), *records], "task")
    return episode.flags


def test_flags_say_how_it_ended() -> None:
    """Whether it worked is known only when the participant said so."""
    assert flags(*click(10), mark(900, "done")) == ("untargeted",)
    assert flags(tree(1, BUTTON), *click(10), mark(900, "done")) == ()
    assert flags(tree(1, BUTTON), *click(10), mark(900, "gave_up")) == ("gave_up",)
    assert flags(tree(1, BUTTON), *click(10)) == ("success_unknown",)


@pytest.mark.parametrize(
    ("reason", "flag"),
    [("lost", ("partial",)), ("paused", ("partial",)), ("secure_field", ("redaction_holes",)), ("app_not_lent", ())],
)
def test_flags_tell_holes_apart(reason: str, flag: tuple[str, ...]) -> None:
    """What is missing because it was lost and what is missing because it is nobody's business are two flags; unlent apps are no fault."""
    gap = Gap(reason, "keys", 20 * MS, 30 * MS)  # type: ignore[arg-type]
    assert flags(tree(1, BUTTON), *click(10), gap, mark(900, "done")) == flag


def test_flags_call_undoing_noisy() -> None:
    """An attempt with a third of its steps taken back is noisy; one slip in many isn't."""
    undone = [*click(10), key(2000, "ctrl+z"), *click(4000), key(6000, "ctrl+z"), mark(9000, "done")]
    assert flags(tree(1, BUTTON), *undone) == ("noisy",)
    fine = [
        one
        for number in range(6)
        for one in [tree(900 * number + 5, node(0, -1, "button", (0, 0, 50, 50), name=str(number))), *click(900 * number + 10)]
    ]
    assert flags(*fine, key(8000, "ctrl+z"), mark(9000, "done")) == ()
