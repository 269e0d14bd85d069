"""A page's own snapshot becomes a tree, or one error without any of its content."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.policy.page_tree import TREE_SCRIPTS, extension_dir, snapshot_script, tree_from_snapshot
from witting.terms.codec import tree_digest
from witting.terms.errors import RecordError
from witting.terms.geometry import Rect


def raw_node(ref: int = 0, parent: int = -1, **more: object) -> dict[str, Any]:
    """Return a node as the extension writes it."""
    plain = {"ref": ref, "parent": parent, "role": "button", "name": "Save", "value": "", "states": ["focused"], "box": [1, 2, 30, 10]}
    return {**plain, "tag": "button", "key": "save", **more}


def test_a_snapshot_becomes_a_tree() -> None:
    """Refs, parents, texts, states and boxes stay; the digest names the nodes."""
    tree = tree_from_snapshot({"url": "https://example.org/", "nodes": [raw_node(), raw_node(1, 0, name="x")]}, 7)
    assert (tree.timestamp_ns, tree.url, tree.digest) == (7, "https://example.org/", tree_digest(tree.nodes))
    assert [(node.ref, node.parent, node.name, node.states) for node in tree.nodes] == [
        (0, -1, "Save", ("focused",)),
        (1, 0, "x", ("focused",)),
    ]
    assert tree.nodes[0].box == Rect(1, 2, 30, 10)


def test_states_that_are_none_are_left_out() -> None:
    """A newer extension's state is no reason to refuse the page, and isn't taken for one that is known."""
    assert tree_from_snapshot({"nodes": [raw_node(states=["checked", "sparkling"])]}, 1).nodes[0].states == ("checked",)


@given(st.lists(st.floats(-5000, 5000), min_size=4, max_size=4))
def test_boxes_are_rounded_at_their_edges(box: list[float]) -> None:
    """Two boxes that touch still touch: edges are rounded, not sizes."""
    left, top, width, height = box
    kept = tree_from_snapshot({"nodes": [raw_node(box=box)]}, 1).nodes[0].box
    assert (kept.x, kept.y) == (round(left), round(top))
    assert (kept.x + kept.width, kept.y + kept.height) == (round(left + width), round(top + height))


@pytest.mark.parametrize(
    "snapshot",
    [
        {},
        {"nodes": None},
        {"nodes": [3]},
        {"nodes": [{}]},
        {"nodes": [raw_node(box=[1, 2, 3])]},
        {"nodes": [raw_node(box=["Kunigunde", 2, 3, 4])]},
        {"nodes": [raw_node(ref="Kunigunde")]},
        {"nodes": [raw_node(1)]},
        {"nodes": [raw_node(0, 0)]},
        {"nodes": [raw_node(), raw_node(0)]},
        {"nodes": [raw_node(), raw_node(1, 5)]},
        {"nodes": [raw_node(box=[float("nan"), 0, 1, 1])]},
        {"nodes": [raw_node(box=[0, 0, float("inf"), 1])]},
    ],
    ids=str,
)
def test_what_is_no_snapshot_is_refused_without_its_content(snapshot: dict[str, Any]) -> None:
    """Missing parts, wrong kinds, nodes out of order, numbers that are none: one error, and none of the page's words in it."""
    with pytest.raises(RecordError) as caught:
        tree_from_snapshot(snapshot, 1)
    assert "Kunigunde" not in str(caught.value) + caught.value.hint
    assert caught.value.__cause__ is None


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=4), max_leaves=20)
)
def test_any_json_is_a_tree_or_refused(nodes: object) -> None:
    """Whatever a page sends in place of nodes, nothing else than the one error comes out."""
    try:
        tree = tree_from_snapshot({"nodes": nodes}, 1)
    except RecordError:
        return
    assert tree.nodes == ()


def test_the_script_is_the_extensions_own() -> None:
    """Whoever drives a browser without the extension reads a page with the same script, and it names no extension's interface."""
    assert "\n".join((extension_dir() / name).read_text("utf-8") for name in TREE_SCRIPTS) == snapshot_script()
    assert "chrome." not in snapshot_script()
    assert "wittingSnapshot" in snapshot_script()
    assert json.loads((extension_dir() / "manifest.json").read_text("utf-8"))["manifest_version"] == 3


def test_without_the_extension_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that lacks the script says so and what to do."""
    from witting.policy import page_tree

    monkeypatch.setattr(page_tree, "TREE_SCRIPT", "nowhere.js")
    with pytest.raises(RecordError, match="isn't part of this installation"):
        extension_dir()
