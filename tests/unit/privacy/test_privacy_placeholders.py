"""Placeholders: equal values stay equal within a session, and nothing of the value shows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy import Redactor
from witting.device.privacy.placeholders import LABELS, Placeholders
from witting.terms.raw import RawNode, RawTask, RawTree, RawWindow


def test_same_value_same_number() -> None:
    """Case, accents and spacing don't make a new value; another value does."""
    given_out = Placeholders(b"k")
    first = given_out.stand_in("email", "anna@example.org")
    assert first == "⟨EMAIL_1⟩"
    assert given_out.stand_in("email", "ANNA@Example.org") == first
    assert given_out.stand_in("email", "bert@example.org") == "⟨EMAIL_2⟩"
    card = given_out.stand_in("card", "4111 1111 1111 1111")
    assert given_out.stand_in("number", "4111-1111-1111-1111") == card


def test_the_first_kind_stays() -> None:
    """A value that another rule finds later keeps its placeholder, so that equality survives."""
    given_out = Placeholders(b"k")
    first = given_out.stand_in("unlisted_word", "kanesha")
    assert given_out.stand_in("username", "Kanesha") == first


@given(st.text(min_size=1, max_size=200))
def test_width_says_nothing_of_length(value: str) -> None:
    """Whatever stands behind it, a session's first placeholder of a kind has one width."""
    assert Placeholders(b"k").stand_in("secret", value) == "⟨SECRET_1⟩"


def test_two_sessions_share_no_hash() -> None:
    """The key is drawn anew for each session, so digests can't be joined across sessions."""
    assert Placeholders().digest("anna") != Placeholders().digest("anna")


def test_values_are_not_kept() -> None:
    """The numbering holds keyed hashes only."""
    given_out = Placeholders()
    given_out.stand_in("name", "Kunigunde")
    given_out.remember("name", "Kunigunde")
    assert "unigunde" not in repr(vars(given_out)).casefold()


def test_each_kind_has_its_label() -> None:
    """No two kinds share a label, and labels are capital letters."""
    assert len(set(LABELS.values())) == len(LABELS)
    assert all(re.fullmatch(r"[A-Z]+", label) for label in LABELS.values())


@pytest.mark.parametrize("posture", ["strict", "balanced"])
def test_instruction_typing_title_and_page_agree(posture: str) -> None:
    """The name in the task is the name that is typed, shown and titled: what a learner needs to copy it."""
    redactor = Redactor(posture, seed=b"k")  # type: ignore[arg-type]
    task = redactor.event(RawTask(1, "begin", "Send Kunigunde Schmidt the report"))
    typed = redactor.typed("kunigunde", 2, end_ns=3, is_secure=False, context="Empfänger")
    whole = redactor.typed("Kunigunde SCHMIDT", 2, end_ns=3, is_secure=False, context="Name")
    window = redactor.event(RawWindow(4, "mail", "Schmidt - Inbox", 1, RawNode(0, -1, "x").box))
    tree = redactor.tree(RawTree(5, "page", "chromium", "", (RawNode(0, -1, "text", "To: Kunigunde"),)))
    assert task.instruction == "Send ⟨NAME_1⟩ ⟨NAME_2⟩ the report"
    assert typed.text == "⟨NAME_1⟩"
    assert whole.text == "⟨NAME_1⟩ ⟨NAME_2⟩"
    assert window.title == "⟨NAME_2⟩ - Inbox"
    assert tree.nodes[0].name == "To: ⟨NAME_1⟩"


def test_an_ambiguous_name_stays_known() -> None:
    """Once `Rose` was somebody's name in a session, it is masked at the start of a label too; `rose` isn't."""
    redactor = Redactor("balanced", seed=b"k")
    assert redactor.text("Hi Rose, hello").text == "Hi ⟨NAME_1⟩, hello"
    assert redactor.text("Rose").text == "⟨NAME_1⟩"
    assert "known" not in {finding.detector for finding in redactor.text("a rose").findings}


def test_a_told_password_stays_known() -> None:
    """A password named once is masked where it stands alone afterwards."""
    redactor = Redactor("balanced", seed=b"k")
    assert redactor.text("password: hunter22").text == "password: ⟨SECRET_1⟩"
    assert redactor.text("hunter22").text == "⟨SECRET_1⟩"


def test_an_ordinary_word_in_a_name_field_is_not_hunted() -> None:
    """`Submit` typed into a name field is masked there only."""
    redactor = Redactor("strict", seed=b"k")
    assert "Submit" not in redactor.typed("Submit", 1, end_ns=2, is_secure=False, context="name").text  # type: ignore[union-attr]
    assert redactor.text("Submit").text == "Submit"


@pytest.mark.parametrize("posture", ["strict", "balanced"])
def test_what_was_taken_out_of_a_session_gives_no_number_again(posture: str) -> None:
    """After forgetting, a kept value keeps its number, a forgotten one gets a fresh one, and neither comes through."""
    redactor = Redactor(posture, seed=b"k")  # type: ignore[arg-type]
    assert redactor.text("Anna and anna@example.org").text == "⟨NAME_1⟩ and ⟨EMAIL_1⟩"
    assert redactor.text("bert@example.org").text == "⟨EMAIL_2⟩"
    redactor.forget(tiles=(), placeholders={"⟨NAME_1⟩", "⟨EMAIL_1⟩"})
    assert redactor.text("anna@example.org, Anna").text == "⟨EMAIL_1⟩, ⟨NAME_1⟩"
    assert redactor.text("bert@example.org").text == "⟨EMAIL_3⟩"


def test_a_personal_word_stays_known_when_its_minutes_are_forgotten() -> None:
    """A password that was told in what was taken out is still masked where it stands alone."""
    redactor = Redactor("balanced", seed=b"k")
    redactor.text("password: hunter22")
    redactor.forget(tiles=(), placeholders=())
    assert redactor.text("hunter22").text == "⟨SECRET_2⟩"


def test_the_focused_field_is_forgotten_too() -> None:
    """A label seen in what was taken out says nothing of what is typed afterwards."""
    redactor = Redactor("balanced", seed=b"k")
    focused = RawNode(0, -1, "textbox", "Card number", states=("editable", "focused"))
    redactor.tree(RawTree(1, "page", "chromium", "", (focused,)))
    redactor.forget(tiles=(), placeholders=())
    assert redactor.typed("save page", 2, end_ns=3, is_secure=False).text == "save page"  # type: ignore[union-attr]
