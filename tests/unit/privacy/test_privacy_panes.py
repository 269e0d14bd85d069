"""Chat and mail panes: other people's messages are masked whole; controls, fields and one's own words are judged as any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy import Redactor
from witting.device.privacy.panes import message_nodes
from witting.terms.raw import RawNode, RawTree

PANES = [
    RawNode(0, -1, "log", ""),
    RawNode(0, -1, "feed", ""),
    RawNode(0, -1, "list", "Messages"),
    RawNode(0, -1, "group", "Conversation with the team"),
    RawNode(0, -1, "table", "Inbox"),
    RawNode(0, -1, "document web", "Message body"),
    RawNode(0, -1, "list", "Nachrichten"),
    RawNode(0, -1, "group", "Posteingang"),
    RawNode(0, -1, "region", "Boîte de réception"),
    RawNode(0, -1, "region", "Fil de discussion"),
    RawNode(0, -1, "list", "Bandeja de entrada"),
    RawNode(0, -1, "group", "Conversación"),
    RawNode(0, -1, "group", "", key="#chat-history .scroll"),
    RawNode(0, -1, "group", "", key=".messageList"),
]


def names(*nodes: RawNode) -> list[str]:
    """Return the names of a redacted tree."""
    return [node.name for node in Redactor("balanced", seed=b"k").tree(RawTree(9, "page", "chromium", "", nodes)).nodes]


@pytest.mark.promise("P7")
@pytest.mark.parametrize("pane", PANES, ids=lambda pane: f"{pane.role} {pane.name}{pane.key}")
def test_a_message_in_a_pane_is_masked_whole(pane: RawNode) -> None:
    """A pane known by role, name (in four languages) or key has its texts masked, harmless words included."""
    told = names(pane, RawNode(1, 0, "listitem"), RawNode(2, 1, "text", "the meeting is moved to the next week"))
    assert told[2] == "⟨MESSAGE_1⟩"


@pytest.mark.promise("P7")
def test_the_same_message_keeps_its_placeholder_and_others_get_theirs() -> None:
    """Equality stays: a quoted message reads as the one it quotes."""
    pane, items = PANES[2], [RawNode(place, 0, "listitem") for place in (1, 3, 5)]
    texts = [RawNode(2, 1, "text", "see you"), RawNode(4, 3, "text", "not today"), RawNode(6, 5, "text", "see you")]
    told = names(pane, items[0], texts[0], items[1], texts[1], items[2], texts[2])
    assert [told[place] for place in (2, 4, 6)] == ["⟨MESSAGE_1⟩", "⟨MESSAGE_2⟩", "⟨MESSAGE_1⟩"]


@pytest.mark.parametrize("own", ["You", "Ich", "Du", "Moi", "Vous", "Tú", "You said: thank you", "Ich: danke", "Vous avez écrit : merci"])
def test_ones_own_message_is_judged_as_any_text(own: str) -> None:
    """What the participant wrote isn't masked for being a message."""
    told = names(PANES[0], RawNode(1, 0, "listitem"), RawNode(2, 1, "text", own), RawNode(3, 1, "text", "the page is ready"))
    assert told[3] == "the page is ready"


@pytest.mark.promise("P7")
def test_ones_own_message_does_not_free_the_neighbours() -> None:
    """Each message is judged by its own author."""
    mine = (RawNode(1, 0, "listitem"), RawNode(2, 1, "text", "You"), RawNode(3, 1, "text", "the page is ready"))
    theirs = (RawNode(4, 0, "listitem"), RawNode(5, 4, "text", "the page is ready"))
    assert names(PANES[0], *mine, *theirs)[3:] == ["the page is ready", "", "⟨MESSAGE_1⟩"]


def test_controls_and_fields_in_a_pane_stay() -> None:
    """Buttons, tabs and the field for an answer aren't somebody's message."""
    told = names(
        PANES[0],
        RawNode(1, 0, "button", "Reply"),
        RawNode(2, 0, "tab", "Unread"),
        RawNode(3, 0, "textbox", "Write a message", states=("editable",)),
    )
    assert told[1:] == ["Reply", "Unread", "Write a message"]


@pytest.mark.parametrize(
    "node",
    [
        RawNode(0, -1, "group", "Message settings"),
        RawNode(0, -1, "group", "", key="#main .email-body"),
        RawNode(0, -1, "button", "Messages"),
    ],
    ids=lambda node: node.name or node.key,
)
def test_what_is_no_pane_masks_nothing(node: RawNode) -> None:
    """A settings group, a page's own mail box by class, and a button called Messages hold no messages."""
    assert names(node, RawNode(1, 0, "text", "the page is ready"))[1] == "the page is ready"


@given(st.lists(st.tuples(st.integers(-1, 12), st.sampled_from(["log", "group", "text", "listitem", "button"])), max_size=12))
def test_any_tree_is_judged(shape: list[tuple[int, str]]) -> None:
    """Whatever the parents are, forward and out of range ones too, places of text nodes below a pane come back and nothing else."""
    nodes = [RawNode(index, parent, role, "word") for index, (parent, role) in enumerate(shape)]
    assert all(nodes[place].role in {"text", "listitem", "group"} for place in message_nodes(nodes))
