"""What a policy sees: relations, the same wherever a window stands, whatever a thing is called, and for placeholders too."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import FewWords, node, page, pages

from witting.policy.candidates import candidates_of
from witting.policy.features import ELEMENT_FEATURES, ELEMENT_WIDTH, Features, featurise
from witting.policy.relations import PAIRS, hint_words, nearness, phrase, whole_matches
from witting.policy.tokens import tokenise
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import PolicyAction

TABLES = ("tokens", "elements", "pairs", "spans", "span_edges", "span_labels")


def features_of(instruction: str, tree: UiTree, *history: PolicyAction) -> Features:
    """Return the features after what was done."""
    return featurise(instruction, tree, history=history, words=FewWords())


def said_by(tree: UiTree) -> list[tuple[str, ...]]:
    """Return what each candidate of a page says, as its meaning is taken."""
    return [phrase(candidate.text) for candidate in candidates_of("", tree)]


def column(features: Features, name: str) -> list[float]:
    """Return one feature of every candidate."""
    return [round(float(value), 4) for value in features.elements[:, ELEMENT_FEATURES.index(name)]]


def moved(tree: UiTree, *, times: int, right: int, down: int) -> UiTree:
    """Return a tree whose boxes are scaled and moved."""
    boxes = (Rect(n.box.x * times + right, n.box.y * times + down, n.box.width * times, n.box.height * times) for n in tree.nodes)
    return page(
        *(
            UiNode(n.ref, n.parent, n.role, n.name, value=n.value, states=n.states, box=box, tag=n.tag, key=n.key)
            for n, box in zip(tree.nodes, boxes, strict=True)
        )
    )


@given(pages(), st.integers(1, 4), st.integers(-300, 300), st.integers(-300, 300))
def test_moving_and_scaling_a_window_changes_nothing(tree: UiTree, times: int, right: int, down: int) -> None:
    """A policy sees the same numbers wherever the window stands and however large the screen's pixels are."""
    first = features_of("Click Save then two words", tree)
    other = features_of("Click Save then two words", moved(tree, times=times, right=right, down=down))
    assert first.refs == other.refs
    for name in TABLES:
        np.testing.assert_allclose(getattr(first, name), getattr(other, name), atol=1e-5, err_msg=name)


@given(st.sampled_from(["Blorble", "Zimtberg", "Qwertzu"]), st.sampled_from(["⟨NAME_1⟩", "⟨WORD_7⟩"]))
def test_what_a_thing_is_called_changes_no_relation(word: str, placeholder: str) -> None:
    """Renamed alike on the page and in the instruction, a thing stands in the same relations; a placeholder matches like a word."""
    buttons = lambda name: page(node(0, -1, "button", name), node(1, -1, "button", "Reply"))  # noqa: E731 - a local short hand
    first, other = (features_of(f'Click "{name}" now', buttons(name)) for name in ("Archive", word))
    for name in TABLES:
        np.testing.assert_array_equal(getattr(first, name), getattr(other, name), err_msg=name)
    hidden = features_of(f'Click "{placeholder}" now', buttons(placeholder))
    assert column(hidden, "exact") == column(first, "exact") == [1, 0]


@given(pages(), st.sampled_from(["Click Save", "Type two words into ⟨NAME_1⟩", "", "Reply all, 12 and Größe"]))
def test_any_page_gives_finite_numbers_of_one_shape(tree: UiTree, instruction: str) -> None:
    """Whatever stands on a page, every table has its shape and holds shares and counts between -1 and 1."""
    features = features_of(instruction, tree, PolicyAction(kind="type", target=0, text="Save"), PolicyAction(kind="key", key="Return"))
    count, tokens = len(features.refs), len(features.words)
    assert features.elements.shape == (count, ELEMENT_WIDTH)
    assert features.pairs.shape == (count, tokens, len(PAIRS))
    assert features.span_labels.shape == (count, len(features.span_texts))
    for name in ("tokens", "elements", "pairs", "span_labels"):
        table = getattr(features, name)
        assert np.isfinite(table).all(), name
        assert (np.abs(table) <= 1.0001).all(), name


def test_equality_is_seen_in_case_and_quotes() -> None:
    """A candidate that is asked for by name is told from one that differs in case, and from one that isn't asked for."""
    tree = page(node(0, -1, "button", "Archive"), node(1, -1, "button", "archive"), node(2, -1, "button", "Reply"))
    features = features_of('Click "Archive"', tree)
    assert column(features, "exact") == [1, 1, 0]
    assert column(features, "exact_cased") == [1, 0, 0]
    assert column(features, "quoted_cased") == [1, 0, 0]


def test_a_part_of_a_quotation_is_not_the_quotation() -> None:
    """`Reply` isn't what `"Reply all"` names, though it stands in it."""
    tokens = tokenise('Click "Reply all" now')
    assert [match.is_quoted for match in whole_matches("Reply all", tokens)] == [True]
    assert [match.is_quoted for match in whole_matches("Reply", tokens)] == [False]
    assert whole_matches("", tokens) == whole_matches("far more words than there are in the whole instruction", tokens) == ()


@pytest.mark.parametrize(
    ("text", "instruction", "is_quoted", "is_verbatim"),
    [
        ("Neque.", 'Click on the link "neque."', True, False),
        ("neque.", 'Click on the link "neque."', True, True),
        ("neque", 'Click on the link "neque."', True, False),
        ("neque.", 'Click on the link "neque"', True, False),
        ("Et, sed", 'Click "Et, sed" now', True, True),
        ("et sed", 'Click "Et, sed" now', None, None),
        ("Save", "Click Save.", False, True),
        ("Save.", "Click Save.", False, True),
        ("save", "Click Save.", False, False),
        ("Save", 'Click "Save all"', False, True),
        ("...", "Click ...", False, True),
    ],
)
def test_letter_by_letter_is_told_from_almost(text: str, instruction: str, *, is_quoted: bool | None, is_verbatim: bool | None) -> None:
    """Marks at the ends don't keep a text from being found; what is the same in case and marks too is told apart."""
    found = whole_matches(text, tokenise(instruction))
    assert [(match.is_quoted, match.is_verbatim) for match in found] == ([] if is_quoted is None else [(is_quoted, is_verbatim)])


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("#send-forward .iconStar2 .btn_primary", ("send", "forward", "icon", "star", "btn", "primary")),
        (".HTMLView .x .is-hover", ("html", "view")),
        ("", ()),
        (".⟨NAME_1⟩ .like", ("like",)),
    ],
)
def test_an_authors_names_are_read_as_words(key: str, words: tuple[str, ...]) -> None:
    """Ids and classes are cut where people cut them; numbers, single letters, states and what was redacted are left out."""
    assert hint_words(key) == words


def test_an_icon_is_known_by_its_authors_name_for_it() -> None:
    """An icon that says nothing is related to the word of the instruction that its class holds."""
    tree = page(node(0, -1, "image", key=".trash"), node(1, -1, "image", key=".star"))
    features = features_of("Put a star on it", tree)
    hint = features.pairs[..., PAIRS.index("hint")]
    assert hint[1, features.words.index("star")] == 1
    assert hint[0].sum() == 0
    assert column(features, "hinted") == [0, 1]


def test_beginnings_and_ends_are_seen() -> None:
    """What a text begins and ends with is told, the whole of it is not a beginning, and one letter is none."""
    features = features_of('One that starts with "Ro" and ends with "nia", not Romania or a', page(node(0, -1, "option", "Romania")))
    begins, ends = (dict(zip(features.words, features.pairs[0, :, PAIRS.index(name)], strict=True)) for name in ("begins", "ends"))
    assert (begins["ro"], begins["nia"], ends["nia"], ends["ro"]) == (1, 0, 1, 0)
    assert begins["romania"] == ends["romania"] == ends["a"] == 0


def test_meaning_brings_synonyms_near() -> None:
    """`car` is nearer to `automobile` than to `tree`; placeholders and codes are near to nothing; opposites count as no nearness."""
    tree = page(*(node(ref, -1, "button", name) for ref, name in enumerate(["automobile", "oak", "banana", "⟨NAME_1⟩", "a1"])))
    near = nearness(tokenise("car tree"), said_by(tree), words=FewWords())
    assert near[0, 0] > 0.9 > near[0, 1]
    assert near[1, 1] > 0.9 > near[1, 0]
    assert (near[2:] == 0).all()
    assert (nearness(tokenise("⟨NAME_1⟩ 12"), said_by(tree), words=FewWords()) == 0).all()
    assert nearness((), said_by(tree), words=FewWords()).shape == (5, 0)
    assert (nearness(tokenise("12"), said_by(page(node(0, -1, "button", "a1"))), words=FewWords()) == 0).all()


@pytest.mark.parametrize(
    ("more", "is_met"),
    [
        ({"role": "checkbox"}, 0),
        ({"role": "checkbox", "states": ("checked",)}, 1),
        ({"role": "checkbox", "states": ("touched",)}, 0),
        ({"role": "button", "states": ("touched",)}, 1),
        ({"role": "textbox", "value": "x"}, 1),
        ({"role": "option", "states": ("selected",)}, 1),
    ],
)
def test_what_is_dealt_with_is_known(more: dict[str, object], is_met: int) -> None:
    """A checked box, a clicked button, a filled field, a selected option are dealt with; a box that was clicked twice isn't."""
    role = str(more.pop("role"))
    assert column(features_of("Choose Save", page(node(0, -1, role, "Save", **more))), "met") == [is_met]


def test_what_was_done_is_known() -> None:
    """The last action's kind and target, and every field that was typed into, are told apart."""
    tree = page(node(0, -1, "textbox", "City", states=("editable",)), node(1, -1, "button", "Save"))
    features = features_of("Enter oak", tree, PolicyAction(kind="type", target=0, text="oak"))
    assert column(features, "was_last") == column(features, "was_typed") == [1, 0]
    assert column(features, "after_last") == [0, 1]
    assert column(features, "last_type") == [1, 1]
    assert features.spans[features.span_texts.index("oak")][3] == 1  # typed before
    clicked = features_of("Enter oak", tree, PolicyAction(kind="click", target=1))
    assert column(clicked, "was_clicked") == [0, 1]
    assert column(clicked, "was_typed") == [0, 0]


def test_an_ordinal_finds_its_place_among_peers() -> None:
    """`2nd` points at the second button, `last` at the last one, and a text between doesn't count."""
    tree = page(*(node(ref, -1, role, f"n{ref}") for ref, role in enumerate(["button", "text", "button", "button"])))
    assert column(features_of("Click the 2nd one", tree), "ordinal") == [0, 0, 1, 0]
    assert column(features_of("Click the last one", tree), "ordinal") == [0, 1, 0, 1]


def test_a_hint_holds_no_number_and_no_placeholder() -> None:
    """`row-17` and `row-4` are one hint, and what redaction took out of an id is none."""
    tree = page(node(0, -1, "group", tag="ul"), node(1, 0, "button", "x", tag="li", key="row-17 ⟨NAME_1⟩ user"))
    assert features_of("x", tree).hints == (("tag=li", "key=row-00", "key=user", "in=group/ul"),)


def test_a_label_points_at_the_words_after_it() -> None:
    """In `city oak` the word after the field's label is the nearest span to that field, and to no other."""
    tree = page(node(0, -1, "textbox", "City", states=("editable",)), node(1, -1, "textbox", "Name", states=("editable",)))
    features = features_of("Enter oak as city and car as name", page(*tree.nodes))
    after_city, after_name = features.span_texts.index("car"), features.span_texts.index("oak")
    assert features.span_labels[0, after_city] > 0
    assert features.span_labels[1, after_city] == features.span_labels[0, after_name] == 0
