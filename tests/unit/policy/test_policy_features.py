"""What a policy sees is relations between instruction and page: the same for any words, and no task's name in the code."""

from pathlib import Path

from miniwob_names import TASK_NAMES

from witting.policy.candidates import candidates_of
from witting.policy.tokens import spans_of, tokenise
from witting.terms.codec import tree_digest
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree

SOURCES = Path(__file__).resolve().parents[3] / "src/witting"


def test_quoted_text_is_one_span() -> None:
    """What an instruction quotes can be typed as a whole."""
    text = 'Enter "two words" into the field'
    spans = spans_of(text, tokenise(text))
    assert any(span.is_quoted and span.text == "two words" for span in spans)


def test_hidden_nodes_are_no_candidates() -> None:
    """What can't be seen can't be chosen."""
    nodes = (
        UiNode(ref=0, parent=-1, role="button", name="Seen", box=Rect(0, 0, 80, 24), tag="button"),
        UiNode(ref=1, parent=-1, role="button", name="Hidden", tag="button"),
    )
    tree = UiTree(timestamp_ns=1, digest=tree_digest(nodes), source="page", app="chromium", url="", nodes=nodes)
    assert [candidate.node.ref for candidate in candidates_of("Click", tree)] == [0]


def test_no_task_is_named_in_the_policy() -> None:
    """Neither the features nor the learner know a task of the suite by name."""
    for room in ("policy", "lab/learn"):
        for path in (SOURCES / room).glob("*.py"):
            text = path.read_text()
            assert [name for name in TASK_NAMES if name in text] == [], path.name
