"""The reduction loses no event, invents none, and gives the same for the same, whatever happened."""

import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from telling import MS, key, mark, node, tree, typed, wheel, window

from witting.actions import reduce, reduction
from witting.terms.events import Gap, PageForm, PageNavigation, PointerButton, PointerMove, Topology
from witting.terms.session import Record
from witting.terms.tree import UiTree
from witting.terms.work import Action
from witting.testing.sample_session import sample_header, sample_records

times = st.integers(0, 60_000)
places = st.sampled_from([0, 3, 6, 9, 40, 500, -20])
events: st.SearchStrategy[Record] = st.one_of(
    st.builds(lambda at, x, y: PointerMove(at * MS, x, y), times, places, places),
    st.builds(
        lambda at, x, y, button, pressed: PointerButton(at * MS, x, y, button, pressed),
        times,
        places,
        places,
        st.sampled_from([1, 1, 1, 2, 3, 8]),
        st.booleans(),
    ),
    st.builds(wheel, times, st.sampled_from([1, -1]), places),
    st.builds(lambda at, name, up: key(at, name, up=up), times, st.sampled_from(["BackSpace", "Return", "Tab", "ctrl+s"]), st.booleans()),
    st.builds(lambda at, length, text: typed(at, at + length, text), times, st.integers(0, 3000), st.sampled_from(["", "a", "hello"])),
    st.builds(window, times, st.sampled_from(["chromium", "mousepad"])),
    st.builds(
        lambda at, url: PageNavigation(at * MS, url, ""), times, st.sampled_from(["https://a.example.org/", "https://b.example.org/"])
    ),
    st.builds(lambda at: PageForm(at * MS, "https://a.example.org/"), times),
    st.builds(mark, times, st.sampled_from(["begin", "done", "gave_up"])),
    st.builds(lambda at, stream: Gap("paused", stream, at * MS, (at + 5) * MS), times, st.sampled_from(["keys", "screen"])),
    st.builds(lambda at: Topology(at * MS, ()), times),
    st.builds(lambda at, role: tree(at, node(0, -1, role)), times, st.sampled_from(["text", "image"])),
)
sessions = st.lists(events, max_size=40)


@given(sessions)
def test_no_event_is_lost_or_claimed_twice(records: list[Record]) -> None:
    """Every event but motion is a child of exactly one action, or ignored for a reason; motion is in at most one."""
    result = reduction(records)
    claimed = [child for action in result.actions for child in action.children]
    ignored = [one.number for one in result.ignored]
    assert len(claimed) == len(set(claimed))
    assert not set(claimed) & set(ignored)
    expected = {number for number, record in enumerate(records) if not isinstance(record, PointerMove | UiTree)}
    assert expected <= set(claimed) | set(ignored)
    assert set(ignored) <= expected
    assert all(action.children for action in result.actions)


@given(sessions)
def test_actions_are_in_order_and_lie_where_their_events_lie(records: list[Record]) -> None:
    """Actions come in order of when they began, and none begins before or ends after what it is made of, waits aside."""
    actions = reduce(records)
    assert [action.timestamp_ns for action in actions] == sorted(action.timestamp_ns for action in actions)
    for action in actions:
        starts = [records[child].timestamp_ns for child in action.children]  # type: ignore[union-attr]
        ends = [getattr(records[child], "end_ns", start) for child, start in zip(action.children, starts, strict=True)]
        assert action.kind == "wait" or action.timestamp_ns == min(starts)
        assert action.timestamp_ns <= action.end_ns == max(ends)


@given(sessions)
def test_same_records_give_same_actions(records: list[Record]) -> None:
    """Reducing twice changes nothing."""
    assert reduction(records) == reduction(list(records))


def _told_apart(records: list[Record]) -> list[Record]:
    """Return the records with no two at one time."""
    return [msgspec.structs.replace(record, **_shifted(record, number)) for number, record in enumerate(records)]


def _shifted(record: Record, number: int) -> dict[str, int]:
    field = "from_ns" if isinstance(record, Gap) else "timestamp_ns"
    return {field: record.timestamp_ns + number}  # type: ignore[union-attr]


def _content(actions: list[Action], records: list[Record]) -> list[tuple[Action, list[Record]]]:
    """Return actions with their children's records, by time, in place of numbers."""
    return [
        (
            msgspec.structs.replace(action, children=()),
            sorted((records[child] for child in action.children), key=lambda one: one.timestamp_ns),
        )  # type: ignore[union-attr]
        for action in actions
    ]


@given(sessions, st.integers(0, 1000))
def test_order_of_writing_does_not_matter(records: list[Record], seed: int) -> None:
    """What arrived late is reduced as if it had arrived in time."""
    told = _told_apart(records)
    shuffled = list(told)
    random.Random(seed).shuffle(shuffled)
    assert _content(reduce(shuffled), shuffled) == _content(reduce(told), told)


@given(sessions)
def test_motion_changes_no_action(records: list[Record]) -> None:
    """Without the motion the same actions come out, hovers aside; motion is only their path."""
    told = [record for record in _told_apart(records) if not isinstance(record, UiTree | Topology)]
    still = [record for record in told if not isinstance(record, PointerMove)]
    with_motion = [(action, [one for one in made if not isinstance(one, PointerMove)]) for action, made in _content(reduce(told), told)]
    assert _content(reduce(still), still) == with_motion


def test_whole_session_reduces_to_few_actions() -> None:
    """A session with header, pictures and end reduces to the handful of things that were done."""
    records = list(sample_records(sample_header("0" * 32), frames=4))
    kinds = [action.kind for action in reduce(records)]
    assert kinds[0] == "switch_app"
    assert kinds[-1] == "stop"
    assert kinds[1:5] == ["click", "type", "key", "scroll"]
