"""A failure can be watched: an SVG that any browser plays, with nothing of a page's own markup in it."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.lab.evaluate.replay import Watched, replay_svg
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import PolicyAction

_SVG = "{http://www.w3.org/2000/svg}"


def _tree(*names: str) -> UiTree:
    nodes = tuple(UiNode(ref, -1, "button", name, box=Rect(10, 30 * ref, 90, 24)) for ref, name in enumerate(names))
    return UiTree(1, "", "page", "chromium", "", nodes)


def _watched(*targets: int) -> list[Watched]:
    return [Watched("Click it", _tree("Send", "Cancel"), PolicyAction(kind="click", target=at, confidence=0.5)) for at in targets]


def test_each_moment_has_its_turn() -> None:
    """A replay shows one frame a step, the first one even where nothing moves, and marks what was acted on."""
    root = ET.fromstring(replay_svg(_watched(0, 1, 0), "failed: the page gave -1 after 3 steps"))  # noqa: S314 - our own
    frames = root.findall(f"{_SVG}g")
    assert [frame.get("visibility") for frame in frames] == ["visible", "hidden", "hidden"]
    assert all(frame.find(f"{_SVG}animate") is not None for frame in frames)
    assert [len([r for r in frame.iter(f"{_SVG}rect") if r.get("stroke") == "#c0392b"]) for frame in frames] == [1, 1, 1]
    said = [text.text for text in root.iter(f"{_SVG}text")]
    assert "failed: the page gave -1 after 3 steps" in said
    assert "2 of 3: clicks (50 % sure)" in said


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (PolicyAction(kind="type", target=0, text="<b>&"), 'types "<b>&"'),
        (PolicyAction(kind="key", target=0, key="Return"), "presses Return"),
        (PolicyAction(kind="stop"), "stops"),
        (PolicyAction(kind="click", target=99), "clicks"),
    ],
)
def test_every_action_is_said(action: PolicyAction, said: str) -> None:
    """Typing, keys and stops are told in words; a target that isn't on the page is marked nowhere."""
    root = ET.fromstring(replay_svg([Watched("x", _tree("A"), action)], "failed"))  # noqa: S314 - our own
    assert any(said in (text.text or "") for text in root.iter(f"{_SVG}text"))
    assert not list(root.iter(f"{_SVG}animate"))  # one moment stands still


def test_nothing_shown_is_a_picture_too() -> None:
    """An episode whose browser was gone before anything was seen says why."""
    root = ET.fromstring(replay_svg([], "failed: the browser went away"))  # noqa: S314 - our own
    assert [text.text for text in root.iter(f"{_SVG}text")] == ["nothing was shown", "failed: the browser went away"]


@given(st.text(max_size=200), st.text(max_size=300))
def test_whatever_a_page_says_it_stays_text(instruction: str, name: str) -> None:
    """Names, instructions and verdicts of any letters give well-formed XML without an element of theirs."""
    root = ET.fromstring(replay_svg([Watched(instruction, _tree(name), PolicyAction(kind="click", target=0))], name))  # noqa: S314
    kinds = {one.tag.removeprefix(_SVG) for one in root.iter()}
    assert kinds <= {"svg", "title", "rect", "g", "text"}
