"""Every recorded field is declared once, and nothing is declared that isn't recorded."""

import typing
from collections import Counter

import msgspec
import pytest

from witting.terms.events import STREAMS
from witting.terms.fields import load_fields
from witting.terms.programme import Retention
from witting.terms.session import Record


def _structs(annotation: object) -> set[type[msgspec.Struct]]:
    """Return the structs an annotation names, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        found = {annotation}
        for field in msgspec.structs.fields(annotation):
            found |= _structs(field.type)
        return found
    return set().union(*(_structs(part) for part in typing.get_args(annotation)))


RECORDED = {(struct.__name__, field) for struct in _structs(Record) for field in struct.__struct_fields__}


@pytest.mark.promise("P4")
def test_every_recorded_field_is_declared() -> None:
    """The fields of all record types and the declared ones are the same."""
    declared = {(field.record, field.name) for field in load_fields()}
    assert RECORDED - declared == set()
    assert declared - RECORDED == set()


def test_no_field_is_declared_twice() -> None:
    """Each field has one meaning."""
    counts = Counter((field.record, field.name) for field in load_fields())
    assert [name for name, count in counts.items() if count > 1] == []


def test_declarations_are_complete() -> None:
    """Each field says what it is and why, and is kept under a key of the programme's retention."""
    for field in load_fields():
        assert len(field.meaning) > 3, field.name
        assert len(field.why) > 10, field.name
        assert field.retention in Retention.__struct_fields__
    assert {field.stream for field in load_fields()} == {*STREAMS, "all"}


def test_what_could_hold_a_persons_words_is_redacted() -> None:
    """Nothing of high sensitivity is kept as it was, and the fields that hold free text are redacted as text."""
    for field in load_fields():
        if field.sensitivity == "high":
            assert field.redaction in {"text", "pixels", "chosen"}, (field.record, field.name)
    texts = {(field.record, field.name) for field in load_fields() if field.redaction in {"text", "address"}}
    free = {("TextInput", "text"), ("WindowFocus", "title"), ("PageNavigation", "url"), ("PageNavigation", "title"), ("PageForm", "url")}
    free |= {
        ("TaskMark", "instruction"),
        ("UiTree", "url"),
        ("UiNode", "name"),
        ("UiNode", "value"),
        ("UiNode", "key"),
        ("VoiceNote", "text"),
    }
    assert free <= texts
    assert [(field.record, field.name) for field in load_fields() if field.redaction == "chosen"] == [("VoiceAudio", "data")]
