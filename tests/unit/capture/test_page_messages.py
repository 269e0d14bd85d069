"""What the extension says, read strictly; whatever isn't as agreed is no message."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.page_messages import PageControl, PageFocus, PageTree, monotonic_of, read_message
from witting.terms.geometry import Rect
from witting.terms.raw import RawPage, RawPageScroll
from witting.testing.clock import FakeClock

NODE = {"ref": 0, "parent": -1, "role": "button", "name": "Send", "box": [10, 20, 30.4, 5], "states": ["focused", "haunted"]}
ORIGIN = {"x": 100, "y": 50, "scale": 2, "measured": True}


def said(clock: FakeClock | None = None, **message: object):
    """Return what a message means."""
    return read_message(json.dumps(message).encode(), "chromium", clock=clock or FakeClock())


def tree(*nodes: dict, **more: object) -> dict:
    """Return a tree message."""
    return {
        "type": "tree",
        "t": 0,
        "tree": {"url": "https://a.example.org/x", "title": "", "origin": ORIGIN, "nodes": list(nodes)},
        "incognito": False,
    } | more


def test_boxes_become_screen_pixels_by_the_page_s_place_and_scale():
    """A box in CSS pixels lands where the pixels of it are on the screen."""
    found = said(**tree(NODE, why="probe", id=7, tab=3))
    assert isinstance(found, PageTree)
    assert found.raw.nodes[0].box == Rect(120, 90, 61, 10)
    assert (found.probe, found.tab, found.is_settled, found.is_before_press, found.is_measured) == (7, 3, True, False, True)
    assert found.raw.nodes[0].states == ("focused",)


@pytest.mark.promise("P7")
def test_the_value_of_a_secure_node_is_dropped_though_the_page_sent_it():
    """Even an extension that sends a secret doesn't bring it past this reader."""
    found = said(**tree(NODE | {"role": "textbox", "value": "hunter2", "states": ["secure"]}))
    assert found.raw.nodes[0].value == ""


@pytest.mark.parametrize(
    "node",
    [
        {"parent": 5}, {"ref": 3}, {"box": [1, 2, 3]}, {"box": ["a", 1, 1, 1]}, {"role": 5}, {"name": None}, {"box": [1e300, 0, 1, 1]},
        {"name": "x" * 9000}, {"parent": 0},
    ],
)  # fmt: skip
def test_a_node_that_isn_t_as_agreed_spoils_its_message(node):
    """A tree with an impossible node is refused whole."""
    assert said(**tree(NODE | node)) is None


def test_too_many_nodes_are_refused():
    """A page can't make the recorder hold more nodes than agreed."""
    assert said(**tree(*[NODE | {"ref": i} for i in range(2001)])) is None


def test_a_page_is_private_unless_it_says_otherwise():
    """Silence about a private window counts as private."""
    page = said(type="navigation", t=0, url="https://a.example.org/", title="A", tab=1)
    assert isinstance(page, RawPage)
    assert page.is_private


def test_keys_in_the_browser_s_own_bars_are_known_to_be_outside_the_page():
    """Secure without a field means that the page doesn't have the keyboard."""
    bars, field = said(type="focus", t=0, secure=True, field=""), said(type="focus", t=0, secure=True, field="p-1")
    assert isinstance(bars, PageFocus)
    assert (bars.is_in_page, field.is_in_page) == (False, True)


@given(st.binary(max_size=300))
def test_garbage_is_no_message_and_raises_nothing(data):
    """Any bytes at all may come from a page."""
    assert read_message(data, "chromium", clock=FakeClock()) is None


scalars = st.none() | st.booleans() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)


@given(values, st.sampled_from(["tree", "focus", "navigation", "left", "form", "none", "state"]))
def test_json_garbage_of_every_kind_raises_nothing(value, kind):
    """A message of a known kind with anything in its fields is read or refused, never an exception."""
    read_message(
        json.dumps({"type": kind, "t": value, "tree": value, "url": value, "field": value, "secure": value, "id": value}).encode(),
        "",
        clock=FakeClock(),
    )


@given(age_ms=st.floats(0, 9000), now_s=st.integers(20, 10**6))
def test_a_page_s_wall_clock_is_mapped_to_the_monotonic_clock(age_ms, now_s):
    """An event's own time survives the way from the page, to a microsecond."""
    clock = FakeClock()
    clock.advance(seconds=now_s)
    wall_ms = clock.now().timestamp() * 1000 - age_ms
    assert abs(monotonic_of(wall_ms, clock.monotonic_ns(), clock=clock) - (clock.monotonic_ns() - age_ms * 1e6)) < 2000


@pytest.mark.parametrize("wall_ms", [float("inf"), float("nan"), -1e18, 1e18])
def test_a_time_that_can_t_be_is_replaced_by_the_arrival(wall_ms):
    """A page whose clock is wrong, or lies, gets the time its message came in."""
    clock = FakeClock()
    clock.advance(seconds=20)
    arrived = clock.monotonic_ns() - 5_000_000
    assert monotonic_of(wall_ms, arrived, clock=clock) == arrived


def test_scrolls_tabs_and_the_person_s_clicks_are_read():
    """A scroll keeps where it stands, a tab is told from an opened page, and the extension's own page may pause and go on, no more."""
    scroll = said(type="scroll", t=0, url="https://a.example.org/", x=3.6, y=900, part=True, tab=2, incognito=False)
    assert isinstance(scroll, RawPageScroll)
    assert (scroll.x, scroll.y, scroll.is_part, scroll.tab, scroll.is_private) == (4, 900, True, 2, False)
    tab = said(type="navigation", t=0, url="https://a.example.org/", what="tab")
    assert isinstance(tab, RawPage)
    assert tab.what == "tab"
    assert said(type="control", t=0, do="pause") == PageControl("pause")
    assert said(type="control", t=0, do="stop") is None
    assert said(type="navigation", t=0, url="https://a.example.org/", what="dance") is None


_WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


_KINDS = st.sampled_from(["tree", "focus", "navigation", "form", "left", "scroll", "control", "none"])
_FIELDS = st.sampled_from(["t", "tab", "arrived_ns", "tree", "why", "id", "secure", "field", "url", "title", "what", "x", "part", "do"])


@given(kind=_KINDS, rest=st.dictionaries(_FIELDS, _WILD))
def test_every_kind_of_word_with_anything_in_its_places_raises_nothing(kind, rest):
    """A page may put anything where the agreed fields stand: it is read or refused, and a refused word has no half."""
    try:
        data = json.dumps({"type": kind, **rest}, allow_nan=False).encode()
    except ValueError:
        return
    found = read_message(data, "chromium", clock=FakeClock())
    assert found is None or type(found).__name__ in {"PageTree", "PageFocus", "RawPage", "RawPageScroll", "PageControl", "NoPage"}
