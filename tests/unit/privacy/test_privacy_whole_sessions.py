"""A person's secrets in every place that a session has for text: nothing of them is in any encoded record."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.device.privacy import RedactionError, Redactor
from witting.device.privacy.detectors import Posture
from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.sample import fold
from witting.terms.codec import encode_record
from witting.terms.geometry import Rect
from witting.terms.raw import RawLayout, RawNode, RawPage, RawPlaced, RawTask, RawTree, RawWindow
from witting.testing.people import Person, make_person, planted_secrets

AREA = Rect(0, 0, 100, 20)
POSTURES: tuple[Posture, ...] = ("strict", "balanced")
DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": lambda value: value,
    "capitals": str.upper,
    "full width": lambda value: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value),
    "zero width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "in a sentence": lambda value: f"please call {value}, thanks",
    "in quotes": lambda value: f'the page says "{value}"!',
    "after a label": lambda value: f"Contact:\t{value}\n",
}


def makers(redactor: Redactor, text: str) -> list[Callable[[], object]]:
    """Return what makes each record that a session keeps when a text stands in every place that there is for one."""
    nodes = (
        RawNode(0, -1, "document", text),
        RawNode(1, 0, "text", text),
        RawNode(2, 0, "textbox", "Notes", value=text, states=("editable", "focused"), key=text),
        RawNode(3, 0, "textbox", "Password", value=text, states=("editable", "secure")),
        RawNode(4, 0, text, "Open", tag=text),
    )
    layout = RawLayout(3, (RawPlaced(1, "mousepad", text, AREA), RawPlaced(0, text, text, AREA)))
    there = RawPage(4, f"https://example.org/a/{text}?q={text}#{text}", text, 1, False, "navigation")
    return [
        lambda: redactor.event(RawTask(1, "begin", text)),
        lambda: redactor.event(RawWindow(2, "mousepad", text, 1, AREA)),
        lambda: redactor.event(layout),
        lambda: redactor.event(there),
        lambda: redactor.event(RawPage(5, f"https://{text}@example.org/", text, 1, False, "form")),
        lambda: redactor.tree(RawTree(6, "page", "chromium", f"https://example.org/{text}", nodes)),
        lambda: redactor.typed(text, 7, end_ns=8, is_secure=False),
        lambda: redactor.typed(text, 9, end_ns=10, is_secure=False, context="E-Mail"),
        lambda: redactor.typed(text, 11, end_ns=12, is_secure=True),
    ]


def kept(posture: Posture, text: str) -> str:
    """Return every character that a session's records hold of anything, in small letters."""
    redactor, whole = Redactor(posture, seed=b"k"), b""
    for make in makers(redactor, text):
        with suppress(RedactionError):  # what can't be read is dropped
            whole += encode_record(make())  # type: ignore[arg-type]
    return whole.decode("utf-8", "replace").casefold()


def spellings(person: Person, posture: Posture, disguise: str) -> list[str]:
    """Return what of a person is planted: all of it in strict; in balanced what a rule or a checksum knows. A token in capitals is none."""
    known = ("name", "phone", "address") if posture == "strict" else ()
    kinds = ("email", "card", *known, *(("secret",) if disguise != "capitals" else ()))
    return [spelling for kind in kinds for spelling in planted_secrets(person)[kind]]


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize("disguise", DISGUISES)
@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_no_secret_of_a_person_is_in_any_record(posture: Posture, disguise: str, seed: int) -> None:
    """Names, mail, phone, card, token and street of an invented person, in any disguise and any place: in no byte of any record."""
    for secret in spellings(make_person(seed), posture, disguise):
        assert secret.casefold() not in kept(posture, DISGUISES[disguise](secret)), disguise


@pytest.mark.promise("P7")
@given(seed=st.integers(0, 10**6), gap=st.sampled_from([" ", ", ", "_", "-", "\n", "+", ""]))
def test_no_plain_name_is_in_any_record_of_a_strict_session(seed: int, gap: str) -> None:
    """A given or family name that is no everyday word is kept nowhere by itself, nor beside the other, whatever stands between."""
    person = make_person(seed)
    for text in (person.given_name, person.family_name, person.family_name + gap + person.given_name):
        everything = kept("strict", text)
        for name in (person.given_name, person.family_name):
            if load_lexicon().is_plain_name(fold(name)):
                assert name.casefold() not in everything
