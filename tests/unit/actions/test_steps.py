"""Steps: what was to be seen before an action, and what it was aimed at."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telling import MS, click, key, mark, node, press, release, tree, typed, wheel, window

from witting.actions import hit_test, steps
from witting.terms.events import Frame, PageNavigation, Topology
from witting.terms.geometry import Monitor, Rect
from witting.terms.session import Record
from witting.terms.tree import UiNode
from witting.terms.work import Step

FORM = (
    node(0, -1, "document", (0, 0, 1000, 1000)),
    node(1, 0, "group", (0, 0, 500, 500)),
    node(2, 1, "textbox", (0, 0, 200, 20), states=("editable",), name="Name"),
    node(3, 1, "textbox", (0, 50, 200, 20), states=("editable",), name="Town"),
    node(4, 1, "button", (0, 100, 80, 20), name="Send"),
    node(5, 4, "text", (10, 102, 40, 16), name="Send"),
    node(6, 0, "checkbox", (0, 200, 10, 10), name="Agree"),
    node(7, 6, "text", (20, 200, 60, 10), name="Agree"),
    node(8, 0, "text", (0, 300, 60, 10), name="plain"),
)


def frame(at: int) -> Frame:
    """A picture of no size."""
    return Frame(at * MS, "damage", 0, 0, b"", 0.0)


def only(records: list[Record], kind: str) -> list[Step]:
    """Return the steps of one kind."""
    return [step for step in steps(records) if step.action.kind == kind]


@pytest.mark.parametrize(
    ("x", "y", "ref"),
    [
        (5, 5, 2),  # a field
        (15, 105, 4),  # a button's text is the button
        (30, 205, 6),  # a label's text leads to its control
        (5, 305, 8),  # text on its own
        (400, 400, 1),  # empty space is the container
        (900, 900, 0),
        (2000, 5, -1),  # outside everything
    ],
)
def test_hit_test_finds_what_a_click_is_for(x: int, y: int, ref: int) -> None:
    """A point leads to the smallest thing that can be acted on there."""
    assert hit_test(tree(0, *FORM), x, y=y) == ref


def test_dialog_covers_what_lies_under_it() -> None:
    """A click on the empty part of a dialog isn't a click on the button it hides."""
    page = (*FORM, node(9, 0, "dialog", (0, 90, 300, 60)), node(10, 9, "button", (200, 95, 20, 20)))
    assert hit_test(tree(0, *page), 15, y=105) == 9
    assert hit_test(tree(0, *page), 205, y=100) == 10


@given(
    st.lists(
        st.tuples(
            st.integers(-2, 12), st.sampled_from(["text", "link", "group", "dialog"]),
            st.tuples(*[st.integers(0, 40)] * 4), st.sampled_from([(), ("focused",), ("editable",)]),
        ),
        max_size=10,
    ),
    st.integers(0, 40),
    st.integers(0, 40),
)  # fmt: skip
def test_hit_test_stands_any_tree(raw: list[tuple[int, str, tuple[int, ...], tuple[str, ...]]], x: int, y: int) -> None:
    """Even a tree that is none, with parents that loop or are absent, gives a node under the point, one around it, or nothing."""
    nodes = [node(ref, parent, role, box, states=states) for ref, (parent, role, box, states) in enumerate(raw)]  # type: ignore[arg-type]
    hit = hit_test(tree(0, *nodes), x, y=y)
    under = [one.ref for one in nodes if one.box.contains(x, y)]
    assert hit in under or (hit == -1 and not under) or nodes[hit].role == "link" or "editable" in nodes[hit].states


def test_observation_is_the_last_that_ended_before_the_action() -> None:
    """An action is seen with what stood before it, never with what it may have changed."""
    before, at_once, after = (tree(ms, *FORM, node(9, 0, "text", name=str(ms))) for ms in (10, 100, 101))
    records: list[Record] = [before, frame(20), at_once, after, frame(101), press(100, 5, 5), release(180, 5, 5)]
    (step,) = steps(records)
    assert (step.observation.tree, step.observation.frame_ns) == (at_once, 20 * MS)


def test_of_several_monitors_the_picture_of_the_one_that_is_acted_on_counts() -> None:
    """A click on the second monitor was made at what that one showed, though the first was pictured later."""
    pictures = [
        msgspec.structs.replace(frame(at), monitor=number, area=Rect(1000 * number, 0, 1000, 800))
        for at, number in ((0, 0), (1, 1), (2, 0))
    ]
    made = steps([*pictures, *click(10, 1200, 5), *click(3000, 200, 5)])
    assert [step.observation.frame_ns for step in made] == [1 * MS, 2 * MS]


def test_action_before_anything_was_seen_has_no_observation() -> None:
    """Without a tree or frame so far there is nothing to aim at."""
    (step,) = steps([*click(0), tree(50, *FORM), frame(60)])
    assert (step.observation.tree, step.observation.frame_ns, step.action.target) == (None, -1, -1)


def test_observation_is_of_the_app_in_front() -> None:
    """A page that changes in the background isn't what the person in another app saw."""
    own, other = tree(10, *FORM, app="mousepad"), tree(20, *FORM, app="chromium")
    (_, step) = steps([window(0, "mousepad"), own, other, *click(5000)])
    assert step.observation.tree == own
    (_, step) = steps([window(0, "files"), own, other, *click(5000)])
    assert step.observation.tree == other  # no tree says "files": the last one has to do


def test_page_that_was_left_is_not_observed() -> None:
    """Between a navigation and the first tree of the new page there is nothing to see."""
    old, new = tree(10, *FORM, app="chromium", url="https://a.example.org/"), "https://b.example.org/"
    records: list[Record] = [
        window(0, "chromium"),
        old,
        PageNavigation(5000 * MS, new, ""),
        *click(9000),
        tree(9500, *FORM, app="chromium", url=new),
    ]
    (_, _, step) = steps([*records, *click(12_000)])[:3]
    assert step.observation.tree is None
    assert steps([*records, *click(12_000)])[3].observation.tree is not None


def test_click_on_a_field_then_typing_gives_click_then_type() -> None:
    """A click on a field and typing into it are two steps, both aimed at the field."""
    records: list[Record] = [tree(0, *FORM), *click(100, 5, 55), typed(300, 900, "Ulm")]
    assert [(step.action.kind, step.action.target) for step in steps(records)] == [("click", 3), ("type", 3)]


def test_typing_goes_to_the_focused_field() -> None:
    """Where a tree shows the focus, typing and keys are aimed there."""
    focus = tree(200, *FORM[:3], node(3, 1, "textbox", (0, 50, 200, 20), states=("editable", "focused")), *FORM[4:])
    records: list[Record] = [tree(0, *FORM), *click(100, 5, 5), focus, typed(300, 900, "Ulm"), key(950, "Return")]
    assert [(step.action.kind, step.action.target) for step in steps(records)] == [("click", 2), ("type", 3), ("key", 3)]


def test_tree_older_than_the_click_does_not_decide_the_focus() -> None:
    """When the click is newer than the tree, the field clicked counts, not the one that had the focus before."""
    stale = tree(0, *FORM[:2], node(2, 1, "textbox", (0, 0, 200, 20), states=("editable", "focused")), *FORM[3:])
    (step,) = only([stale, *click(100, 5, 55), typed(300, 900, "Ulm")], "type")
    assert step.action.target == 3


def test_typing_after_tab_without_a_new_tree_is_aimed_nowhere() -> None:
    """A wrong target is worse than none: after Tab nobody knows the field until a tree shows it."""
    (step,) = only([tree(0, *FORM), *click(100, 5, 5), key(300, "Tab"), typed(400, 900, "Ulm")], "type")
    assert step.action.target == -1
    (step,) = only([tree(0, *FORM), key(300, "Tab"), tree(350, *FORM), *click(400, 5, 5), typed(600, 900, "Ulm")], "type")
    assert step.action.target == 2


def test_typing_with_no_focus_and_no_click_is_aimed_nowhere() -> None:
    """Nothing is guessed."""
    (step,) = only([tree(0, *FORM), typed(400, 900, "Ulm")], "type")
    assert step.action.target == -1


def test_scroll_and_drag_are_aimed_at_where_they_began() -> None:
    """Scrolling and dragging have the target under the pointer; switching, stopping and navigating have none."""
    records: list[Record] = [
        mark(0),
        window(1, "x"),
        tree(2, *FORM),
        wheel(3000, 1, 5, 5),
        press(5000, 5, 105),
        release(5400, 5, 5),
        mark(6000, "done"),
    ]
    assert [(step.action.kind, step.action.target) for step in steps(records)] == [
        ("switch_app", -1),
        ("scroll", 2),
        ("drag", 4),
        ("stop", -1),
    ]
    assert [step.step_index for step in steps(records)] == [0, 1, 2, 3]


def test_target_has_alternatives() -> None:
    """What else lies under the point and could have been meant is told, likeliest first, never the target itself."""
    (step,) = steps([tree(0, *FORM), *click(100, 15, 105)])
    assert (step.action.target, step.action.alternatives) == (4, (5, 1, 0))
    (step,) = steps([tree(0, *FORM), *click(100, 5000, 5)])
    assert (step.action.target, step.action.alternatives) == (-1, ())


def holding(value: str, *, y: int = 50) -> tuple[UiNode, ...]:
    """Return the form with something in its field Town."""
    return (*FORM[:3], msgspec.structs.replace(FORM[3], value=value, box=Rect(0, y, 200, 20)), *FORM[4:])


def test_final_value_of_the_field_is_kept() -> None:
    """What a field holds when the typing is over, as the page completed it, stands beside what was typed."""
    records: list[Record] = [
        tree(0, *FORM),
        *click(100, 5, 55),
        typed(300, 900, "Ul"),
        tree(950, *holding("Ulm (Danube)")),
        *click(2000, 5, 105),
    ]
    (step,) = only([*records, tree(2500, *holding(""))], "type")
    assert (step.action.text, step.action.value) == ("Ul", "Ulm (Danube)")
    moved = [*records[:-3], tree(950, *holding("Ulm", y=80)), *click(2000, 5, 105)]
    assert only(moved, "type")[0].action.value == "Ulm"


def test_final_value_is_none_where_no_tree_tells() -> None:
    """A tree from before the typing ended doesn't say how it ended."""
    (step,) = only([tree(0, *FORM), *click(100, 5, 55), tree(400, *holding("U")), typed(300, 900, "Ulm"), *click(2000, 5, 105)], "type")
    assert step.action.value == ""


SMALL, LARGE = Rect(0, 0, 1366, 768), Rect(0, 0, 1680, 1050)


def monitors(at: int, *areas: Rect) -> Topology:
    """The monitors from here on."""
    return Topology(at * MS, tuple(Monitor(str(number), area) for number, area in enumerate(areas)))


def test_each_step_knows_the_screen_in_force() -> None:
    """When the resolution changes in the middle, later points are read on the new screen, and what was seen before isn't shown for them."""
    records: list[Record] = [
        monitors(0, SMALL),
        tree(1, *FORM),
        frame(1),
        *click(100, 846, 100),
        monitors(1000, LARGE),
        *click(2000, 846, 782),
        tree(3000, *FORM),
        frame(3000),
        *click(4000, 846, 782),
    ]
    made = steps(records)
    assert [step.observation.screen for step in made] == [SMALL, LARGE, LARGE]
    assert [step.observation.tree is not None for step in made] == [True, False, True]
    assert [step.observation.frame_ns // MS for step in made] == [1, -1, 3000]


def test_monitors_said_again_change_nothing() -> None:
    """The same monitors told once more leave what was seen in force."""
    (step,) = steps([monitors(0, SMALL), tree(1, *FORM), frame(1), monitors(50, SMALL), *click(100, 5, 5)])
    assert (step.action.target, step.observation.frame_ns) == (2, 1 * MS)


def test_screen_is_all_monitors_together() -> None:
    """Monitors left of the first one make the screen begin below zero."""
    (step,) = steps([monitors(0, SMALL, Rect(-1000, 0, 1000, 900)), *click(100, -5, 5)])
    assert step.observation.screen == Rect(-1000, 0, 2366, 900)
