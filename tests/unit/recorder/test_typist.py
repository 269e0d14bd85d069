"""Keys into runs of typing."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.recorder.typist import IDLE_NS, Hidden, Typed, Typist
from witting.terms.raw import RawKey

NAMES = {" ": "space", "@": "at", ".": "period"}


def key(text: str, at_ns: int = 0, *, held: str = "") -> RawKey:
    """Return a press of the key that types `text`, or of the key named so when it is longer than one character."""
    name = text if len(text) > 1 else NAMES.get(text, text)
    return RawKey(at_ns, name, text if len(text) == 1 and not held else "", pressed=True, modifiers=frozenset(held.split()))


def press(typist: Typist, *keys: RawKey, verdict: str = "plain", field: str = "f") -> list[object]:
    """Press keys in one field and return what comes out."""
    return [output for one in keys for output in typist.press(one, verdict, field=field)]


def texts(outputs: list[object]) -> list[str]:
    """Return runs as text and kept keys as their names in brackets."""
    return [output.text if isinstance(output, Typed) else f"[{output.keysym}]" for output in outputs if not isinstance(output, Hidden)]


@given(st.lists(st.sampled_from([*string.ascii_letters, " ", "BackSpace"]), max_size=60))
def test_a_run_is_what_a_text_field_would_hold(strokes):
    """Typing and BackSpace give the text that stands in an empty field afterwards."""
    typist, field = Typist(), ""
    outputs = press(typist, *(key(stroke, i) for i, stroke in enumerate(strokes)))
    for stroke in strokes:
        field = field[:-1] if stroke == "BackSpace" else field + stroke
    runs = [output for output in [*outputs, *typist.flush()] if isinstance(output, Typed)]
    assert "".join(run.text for run in runs) == field


judged_strokes = st.tuples(
    st.sampled_from([*string.ascii_letters, "Tab", "Return", "BackSpace", "Left"]), st.sampled_from(["plain", "secure", "unknown"])
)


@pytest.mark.promise("P7")
@given(st.lists(judged_strokes, max_size=80))
def test_no_key_that_went_elsewhere_is_ever_in_a_run(strokes):
    """Of keys in secure fields, or in fields nobody knows, no character comes out in any order of events."""
    typist = Typist()
    outputs = [output for i, (stroke, verdict) in enumerate(strokes) for output in typist.press(key(stroke, i), verdict, field="f")]
    outputs += typist.flush()
    secret = [i for i, (stroke, verdict) in enumerate(strokes) if verdict != "plain" and len(stroke) == 1]
    for output in outputs:
        if isinstance(output, Typed):
            inside = [i for i in range(output.from_ns, output.to_ns + 1) if len(strokes[i][0]) == 1 or strokes[i][0] == "BackSpace"]
            assert not set(inside) & set(secret)
        elif isinstance(output, RawKey):
            assert not output.text
    assert sum(len(output.text) for output in outputs if isinstance(output, Typed)) <= sum(
        len(stroke) == 1 and verdict == "plain" for stroke, verdict in strokes
    )


@given(length=st.integers(1, 40))
def test_a_secret_s_length_can_t_be_counted(length):
    """A password of any length leaves one hole."""
    typist = Typist()
    hidden = press(typist, *(key("x", i) for i in range(length)), verdict="secure")
    assert [output.is_new for output in hidden] == [True] + [False] * (length - 1)


def test_tab_and_return_leave_a_secure_field_and_are_kept():
    """The keys that leave a field say nothing of what is in it; BackSpace would say that something was corrected."""
    assert texts(press(Typist(), key("BackSpace"), key("Tab"), verdict="secure")) == ["[Tab]"]


@pytest.mark.parametrize("ends", [key("Return"), key("Tab"), key("Escape"), key("Left"), key("s", held="ctrl")])
def test_what_ends_a_thought_ends_the_run(ends):
    """Editing keys and chords come after the run that they end."""
    assert texts(press(Typist(), key("h"), key("i"), ends)) == ["hi", f"[{ends.keysym}]"]


def test_another_field_ends_the_run():
    """Text typed into two fields is two runs, though no key lies between."""
    typist = Typist()
    outputs = press(typist, key("a"), field="one") + press(typist, key("b"), field="two")
    assert texts([*outputs, *typist.flush()]) == ["a", "b"]


def test_backspace_in_an_empty_run_is_a_key_of_its_own():
    """Deleting what was there before isn't lost."""
    assert texts(press(Typist(), key("BackSpace"))) == ["[BackSpace]"]


@pytest.mark.parametrize(("strokes", "text"), [("\u0301e", "é"), ("\u0308u", "ü"), ("\u0301", "\u0301"), ("a\u0301e", "aé")])
def test_a_dead_key_and_its_letter_are_one_character(strokes, text):
    """An accent typed before its letter joins it, as on the screen."""
    typist = Typist()
    assert texts([*press(typist, *(key(one) for one in strokes)), *typist.flush()]) == [text]


def test_a_run_ends_after_ten_idle_seconds_counted_from_its_last_key():
    """Long silence ends a run; the run says when it began and ended."""
    typist = Typist()
    press(typist, key("a", 5), key("b", 9))
    assert typist.idle_deadline_ns == 9 + IDLE_NS
    (run,) = typist.flush()
    assert (run.from_ns, run.to_ns) == (5, 9)
    assert typist.idle_deadline_ns is None


def test_modifiers_alone_are_nothing():
    """Shift by itself neither ends a run nor is kept."""
    typist = Typist()
    assert press(typist, key("a"), key("Shift_L"), key("B")) == []
    assert texts(typist.flush()) == ["aB"]
