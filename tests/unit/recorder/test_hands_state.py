"""Rests of the pointer and what is held: told when it helps a reader, and never a character."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_ground import Ground

from witting.device.privacy import Redactor
from witting.device.recorder.hands import DWELL_NS, EVERY_NS, Held, Rests, node_at
from witting.terms.codec import tree_digest
from witting.terms.events import HeldButtons, HeldKeys, Hover
from witting.terms.geometry import Rect
from witting.terms.raw import RawButton, RawHeldButtons, RawHeldKeys, RawHover, RawKey, RawMove, RawNode, RawTree, RawWheel
from witting.terms.tree import UiNode, UiTree

MS = 1_000_000
SECOND = 1000 * MS
T0 = 20 * SECOND
PLACE = (1, "mousepad", "")
NODES = (
    RawNode(0, -1, "window", box=Rect(0, 0, 500, 500)),
    RawNode(1, 0, "group", box=Rect(0, 0, 200, 200)),
    RawNode(2, 1, "button", "Save", box=Rect(10, 10, 40, 20)),
    RawNode(3, 1, "text", "Save", box=Rect(10, 10, 40, 20)),
)
TREE = RawTree(T0 - SECOND, "atspi", "mousepad", "", NODES)


def test_the_element_under_the_pointer_is_the_smallest_and_last() -> None:
    """A text on a button on a group in a window; nothing beside them."""
    assert [node_at(TREE, x, y=y) for x, y in ((15, 15), (100, 100), (300, 300), (600, 600))] == [3, 1, 0, -1]


def test_a_rest_is_told_when_it_ends_with_what_lay_under_it() -> None:
    """Half a second within four pixels; it ends with the next move beyond, a press or a turn of the wheel."""
    for end in (
        RawMove(T0 + 2 * SECOND, 40, 15),
        RawButton(T0 + 2 * SECOND, 15, 15, 1, pressed=True),
        RawWheel(T0 + 2 * SECOND, 15, 15, 0, 1),
    ):
        rests = Rests()
        assert rests.see(RawMove(T0, 15, 15), PLACE, tree=TREE) is None
        assert rests.see(RawMove(T0 + 300 * MS, 17, 17), PLACE, tree=TREE) is None
        found = rests.see(end, PLACE, tree=TREE)
        assert found is not None
        assert (found.timestamp_ns, found.end_ns, found.x, found.y, found.ref, found.tree) == (T0, T0 + 2 * SECOND, 15, 15, 3, TREE)


@given(st.lists(st.tuples(st.integers(1, 2000), st.integers(0, 30), st.integers(0, 30)), max_size=30))
def test_rests_are_long_still_and_apart(steps: list[tuple[int, int, int]]) -> None:
    """Whatever the pointer does: no rest is shorter than half a second, and none begins before the last one ended."""
    rests, at_ns, found = Rests(), T0, []
    for step_ms, x, y in steps:
        at_ns += step_ms * MS
        if (rest := rests.see(RawMove(at_ns, x, y), PLACE, tree=None)) is not None:
            found.append(rest)
    assert all(rest.end_ns - rest.timestamp_ns >= DWELL_NS and rest.ref == -1 for rest in found)
    assert [rest.timestamp_ns for rest in found] == sorted(rest.timestamp_ns for rest in found)
    assert all(one.end_ns <= two.timestamp_ns for one, two in itertools.pairwise(found))


def test_a_rest_does_not_outlast_its_window_and_knows_no_later_tree() -> None:
    """Another window in front begins anew; a tree that was read after the rest doesn't say what lay under it."""
    rests = Rests()
    rests.see(RawMove(T0, 15, 15), PLACE, tree=TREE)
    assert rests.see(RawMove(T0 + 2 * SECOND, 90, 90), (2, "chromium", "s"), tree=TREE) is None
    later = RawTree(T0 + 60 * SECOND, "atspi", "mousepad", "", NODES)
    found = rests.see(RawMove(T0 + 9 * SECOND, 200, 15), (2, "chromium", "s"), tree=later)
    assert found is not None
    assert (found.ref, found.tree) == (-1, None)


@pytest.mark.promise("P7")
def test_a_rest_takes_no_text_from_its_tree() -> None:
    """Of the tree only the number of the node and the name of the redacted nodes are taken."""
    nodes = (UiNode(0, -1, "button", "Save"),)
    tree = UiTree(T0, tree_digest(nodes), "atspi", "mousepad", "", nodes)
    raw = RawHover(T0, T0 + SECOND, 3, 4, 0, TREE)
    whole = Redactor(keeps=("path",))
    assert whole.hover(raw, tree) == Hover(T0, T0 + SECOND, 3, 4, 0, tree.digest)
    assert whole.hover(raw, None) == Hover(T0, T0 + SECOND, 3, 4)
    assert "Save" not in repr(Redactor().hover(raw, tree))


def test_what_is_held_is_told_once_a_second_and_once_when_let_go() -> None:
    """Nothing is due before anything is held; a short click is never told; a long hold is, each second, and its end."""
    held = Held()
    assert held.next_due_ns is None
    held.button(1, T0, is_down=True)
    held.button(1, T0 + 80 * MS, is_down=False)
    assert held.next_due_ns is None
    held.button(1, T0, is_down=True)
    held.key("Control_L", T0, is_down=True)
    assert held.tell(T0 + EVERY_NS - 1) == []
    assert held.tell(T0 + EVERY_NS) == [RawHeldButtons(T0 + EVERY_NS, (1,)), RawHeldKeys(T0 + EVERY_NS, ("Control_L",))]
    held.button(1, T0 + EVERY_NS + 1, is_down=False)
    held.key("Control_L", T0 + EVERY_NS + 2, is_down=False)
    assert held.tell(T0 + 2 * EVERY_NS) == [RawHeldButtons(T0 + 2 * EVERY_NS, ()), RawHeldKeys(T0 + 2 * EVERY_NS, ())]
    assert held.next_due_ns is None


@pytest.mark.promise("P7")
@given(st.lists(st.sampled_from(["a", "7", "ä", "space", "Shift_L", "Control_L", "Return", "Delete", "U20AC"]), max_size=9))
def test_no_characters_key_is_ever_among_those_held(names: list[str]) -> None:
    """The redactor lets modifiers and editing keys through by name, whatever it is given."""
    told = Redactor().event(RawHeldKeys(T0, tuple(names)))
    assert isinstance(told, HeldKeys)
    assert set(told.keys) <= {"Shift_L", "Control_L", "Return", "Delete"}
    assert Redactor().event(RawHeldButtons(T0, (1, 3))) == HeldButtons(T0, (1, 3))


def typed(ground: Ground, keysym: str, at_ns: int, *, pressed: bool = True, text: str = "") -> None:
    """Hand a key in."""
    ground.pipeline.hold(RawKey(at_ns, keysym, text, pressed=pressed), at_ns)


@pytest.mark.promise("P7")
@pytest.mark.parametrize("is_secure", [False, True])
def test_keys_held_in_secret_fields_are_not_told(is_secure: bool) -> None:  # noqa: FBT001 - a parameter
    """Shift held in a password's field would tell of its capitals."""
    ground = Ground()
    ground.front("mousepad", T0 - 200 * MS)
    ground.focus.note(T0 - 150 * MS, "field", is_secure=is_secure)
    typed(ground, "Shift_L", T0)
    typed(ground, "A", T0 + MS, text="A")
    typed(ground, "Delete", T0 + 2 * MS)
    ground.pipeline.release(T0 + 400 * MS)
    ground.pipeline.release(T0 + 3 * SECOND)
    told = [job.keys for job in ground.jobs if isinstance(job, RawHeldKeys)]
    assert told == ([] if is_secure else [("Delete", "Shift_L")])


def test_rests_and_held_buttons_are_kept_only_of_what_is_lent() -> None:
    """Over an app that isn't lent neither a rest nor a held button is told."""
    for app, count in (("mousepad", 2), ("payroll", 0)):
        ground = Ground()
        ground.front(app, T0 - SECOND)
        for item in (RawMove(T0, 5, 5), RawMove(T0 + SECOND, 50, 50), RawButton(T0 + SECOND + MS, 50, 50, 1, pressed=True)):
            ground.pipeline.hold(item, item.timestamp_ns, owner=(1, app))
        ground.pipeline.release(T0 + 2 * SECOND)
        ground.pipeline.release(T0 + 4 * SECOND)
        assert sum(isinstance(job, RawHover | RawHeldButtons) for job in ground.jobs) == count
