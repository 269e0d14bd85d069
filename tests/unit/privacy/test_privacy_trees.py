"""Trees: every text in a node goes through the pipeline, with its field's label; secure values never do."""

import pytest

from witting.device.privacy import Redactor
from witting.device.privacy.trees import redact_tree
from witting.terms.codec import tree_digest
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode, RawTree
from witting.terms.tree import UiTree

BOX = Rect(1, 2, 30, 10)


def word_list(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


def redact(*nodes: RawNode, url: str = "") -> UiTree:
    """Return the tree of these nodes, redacted strictly."""
    return Redactor("strict", seed=b"k").tree(RawTree(9, "page", "chromium", url, nodes))


def test_shape_is_kept() -> None:
    """Number, order, parents, boxes, states and tags stay; the digest names the redacted nodes."""
    tree = redact(
        RawNode(0, -1, "document", "Page"), RawNode(1, 0, "button", "Save", states=("focused",), box=BOX, tag="button", key="btn-save")
    )
    assert [n.parent for n in tree.nodes] == [-1, 0]
    assert tree.nodes[1].box == BOX
    assert tree.nodes[1].states == ("focused",)
    assert (tree.nodes[1].name, tree.nodes[1].tag, tree.nodes[1].key) == ("Save", "button", "btn-save")
    assert tree.digest == tree_digest(tree.nodes)
    assert (tree.timestamp_ns, tree.source, tree.app) == (9, "page", "chromium")


@pytest.mark.promise("P7")
def test_secure_values_never_pass() -> None:
    """The value of a secure node is dropped whatever it is, and the drop is a finding."""
    tree = redact(RawNode(0, -1, "textbox", "Password", value="save", states=("secure", "editable")))
    assert tree.nodes[0].value == ""
    assert "secure_field" in {f.kind for f in tree.findings}


def test_a_fields_own_label_counts() -> None:
    """A value is judged by its accessible name, its key, or the text just before it."""
    by_name = redact(RawNode(0, -1, "textbox", "E-Mail", value="save page")).nodes[0]
    by_key = redact(RawNode(0, -1, "textbox", value="save page", key="user-email")).nodes[0]
    by_text = redact(RawNode(0, -1, "text", "Card number"), RawNode(1, -1, "textbox", value="save page")).nodes[1]
    groups = (RawNode(1, -1, "group"), RawNode(2, -1, "group"))
    far = redact(RawNode(0, -1, "text", "Card"), *groups, RawNode(3, -1, "textbox", value="save page")).nodes[3]
    assert by_name.value == "⟨EMAIL_1⟩"
    assert by_key.value == "⟨EMAIL_1⟩"
    assert by_text.value == "⟨CARD_1⟩"
    assert far.value == "save page"


@pytest.mark.promise("P7")
def test_author_hints_are_text_too() -> None:
    """A name in an id, a class, a tag, a role or the address is masked like any other."""
    tree = redact(
        RawNode(0, -1, "kunigunde", "x", tag="kunigunde-card", key="user-kunigunde"),
        url="https://example.org/Kunigunde?x=Kunigunde",
    )
    assert "unigunde" not in repr(tree)
    assert tree.nodes[0].role == "unknown"
    assert tree.url == "https://example.org/⟨NAME_1⟩"


@pytest.mark.promise("P7")
def test_a_tag_of_the_authors_own_is_text() -> None:
    """A known element's tag stays in either case, in strict too; a made-up element may be called after somebody."""
    tags = ("div", "h3", "textarea", "linearGradient", "SVG", "li", "tbody")
    tree = redact(*(RawNode(index, -1, "group", tag=tag) for index, tag in enumerate((*tags, "kunigunde", "anna schmidt", "x-anna"))))
    assert tuple(node.tag for node in tree.nodes[: len(tags)]) == tags
    assert [node.tag for node in tree.nodes[len(tags) :]] == ["⟨NAME_1⟩", "⟨NAME_2⟩ ⟨NAME_3⟩", "x-⟨NAME_2⟩"]


def test_a_tree_stays_equal_when_nothing_changed() -> None:
    """Two readings of the same page have one digest: placeholders don't drift."""
    redactor = Redactor("strict", seed=b"k")
    nodes = tuple(RawNode(i, -1, "text", f"Qwertzu{i} Kunigunde") for i in range(20))
    first = redactor.tree(RawTree(1, "page", "x", "", nodes))
    second = redactor.tree(RawTree(2, "page", "x", "", nodes))
    assert first.digest == second.digest


def test_roles_of_both_worlds_pass() -> None:
    """The role words of ARIA and AT-SPI pass the strict word list."""
    aria = """button checkbox radio link textbox searchbox combobox option listbox tab tabpanel tablist text heading
        image img group document
        dialog alertdialog menuitem menubar toolbar slider spinbutton switch treeitem table row cell columnheader rowheader listitem list
        paragraph form navigation banner main region article progressbar scrollbar separator status tooltip
        canvas video"""
    atspi = "push button,check box,radio button,page tab,menu item,scroll pane,tool bar,status bar,combo box,frame,filler,panel,entry"
    roles = [*word_list(aria), *atspi.split(",")]
    tree = redact(*(RawNode(i, -1, role) for i, role in enumerate(roles)))
    assert [n.role for n in tree.nodes] == roles


def test_the_function_needs_no_redactor() -> None:
    """The tree stage is a plain function of a raw tree and the session's texts."""
    texts = Redactor("balanced", seed=b"k")._texts
    assert redact_tree(RawTree(1, "atspi", "x", "", (RawNode(0, -1, "label", "Anna"),)), texts).nodes[0].name == "⟨NAME_1⟩"
