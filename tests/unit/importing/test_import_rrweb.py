"""rrweb recordings become actions on the nodes that they name."""

import json
from pathlib import Path
from typing import Any

from witting.actions import steps
from witting.lab.importing import ImportedSession, Problem
from witting.lab.importing.rrweb import read
from witting.terms.work import Step


def element(number: int, tag: str, *children: dict[str, Any], **attributes: str) -> dict[str, Any]:
    """A serialised element."""
    return {"type": 2, "id": number, "tagName": tag, "attributes": attributes, "childNodes": list(children)}


def text(number: int, said: str) -> dict[str, Any]:
    """A serialised text."""
    return {"type": 3, "id": number, "textContent": said}


PAGE = {
    "type": 0, "id": 1, "childNodes": [
        element(2, "html", element(3, "head", element(4, "title", text(5, "Shop"))), element(
            6, "body",
            element(7, "label", text(8, "Town")), element(9, "input", type="text", id="town", value="Ul"),
            element(10, "input", type="checkbox", id="agree"),
            element(11, "button", text(12, "Send"), id="send"),
        )),
    ],
}  # fmt: skip


def change(at: int, source: int, **data: Any) -> dict[str, Any]:
    """An incremental event."""
    return {"type": 3, "timestamp": 1000 + at, "data": {"source": source, **data}}


def press(at: int, node: int, x: int, y: int, *, kind: int = 0) -> list[dict[str, Any]]:
    """A press and what ends it: 0 its release, 3 a menu."""
    return [change(at, 2, type=1, id=node, x=x, y=y), change(at + 80, 2, type=kind, id=node, x=x, y=y)]


START = [
    {"type": 4, "timestamp": 1000, "data": {"href": "https://shop.example.org/", "width": 1280, "height": 800}},
    {"type": 2, "timestamp": 1001, "data": {"node": PAGE, "initialOffset": {"left": 0, "top": 0}}},
]


def steps_of(folder: Path, *events: dict[str, Any]) -> list[Step]:
    """Return the steps of a recording."""
    (folder / "one.json").write_text(json.dumps([*START, *events]))
    (session,) = read(folder)
    assert isinstance(session, ImportedSession)
    return [step for step in steps(session.records) if step.action.kind != "navigate"]


def said(step: Step) -> tuple[str, str, str]:
    """Return what was done to which node."""
    tree = step.observation.tree
    node = tree.nodes[step.action.target] if tree is not None and step.action.target >= 0 else None
    return step.action.kind, f"{node.role} {node.key or node.name}" if node else "", step.action.text


def test_clicks_and_typing_are_bound_to_their_nodes(tmp_path: Path) -> None:
    """A click, what was typed into a field that held something, a tick and a press of the right button, each at its node."""
    made = steps_of(
        tmp_path,
        *press(3000, 9, 40, 30),
        change(4000, 5, id=9, text="Ulm", isChecked=False),
        change(4200, 5, id=9, text="Ulm!", isChecked=False),
        *press(6000, 10, 10, 60),
        change(6100, 5, id=10, text="on", isChecked=True),
        *press(9000, 11, 50, 90, kind=3),
        change(9200, 2, type=0, id=11, x=50, y=90),
    )
    assert [said(step) for step in made] == [
        ("click", "textbox #town", ""),
        ("type", "textbox #town", "m!"),
        ("click", "checkbox #agree", ""),
        ("right_click", "button #send", ""),
    ]
    assert made[1].action.value == "Ulm!"
    assert made[0].action.url == "https://shop.example.org/"


def test_mutations_keep_the_page_up(tmp_path: Path) -> None:
    """A node that was added is what a later click hits; one that was removed is gone; a changed text is read as it is."""
    new = element(20, "a", text(21, "More"), id="more")
    made = steps_of(
        tmp_path,
        change(100, 0, removes=[{"parentId": 6, "id": 11}], adds=[{"parentId": 6, "nextId": 9, "node": new}], texts=[], attributes=[]),
        change(200, 0, removes=[], adds=[], texts=[{"id": 21, "value": "Less"}], attributes=[{"id": 20, "attributes": {"class": "big"}}]),
        *press(3000, 20, 40, 30),
    )
    (step,) = made
    tree = step.observation.tree
    assert tree is not None
    assert said(step)[1] == "link #more .big"
    assert tree.nodes[step.action.target].name == "Less"
    assert "button" not in {node.role for node in tree.nodes}
    assert "Shop" not in repr(tree)


def test_broken_files_and_events_are_named(tmp_path: Path) -> None:
    """A file that isn't JSON, one without events, and events that name unknown nodes are told; the rest is kept."""
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("[]")
    lost = change(10, 0, removes=[{"parentId": 99, "id": 1}], adds=[], texts=[], attributes=[])
    (tmp_path / "c.json").write_text(json.dumps([*START, lost, "x", *press(3000, 9, 40, 30)]))
    both = list(read(tmp_path))
    assert [(one.file, one.reason.split(" (")[0]) for one in both if isinstance(one, Problem)] == [
        ("a.json", "can't be read"),
        ("b.json", "holds no events of rrweb"),
        ("c.json", "2 events can't be read"),
    ]
    (kept,) = [one for one in both if isinstance(one, ImportedSession)]
    assert [step.action.kind for step in steps(kept.records)] == ["navigate", "click"]
