"""Speech as text: what is dictated is found like what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy import Redactor
from witting.device.privacy.spoken import as_written
from witting.terms.events import VoiceAudio, VoiceNote
from witting.terms.raw import RawVoice


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("call zero one seven six double five four three", "call 01765543"),
        ("twenty three forty five sixty seven", "234567"),
        ("write to anna dot muster at example dot org", "write to Anna.muster@example.org"),
        ("we meet at nine", "we meet at nine"),
        ("my name is grace", "my name is Grace"),
        ("ask doctor green", "ask Dr. Green"),
    ],
)
def test_dictated_text_is_written_out(said: str, written: str) -> None:
    """Digits, addresses and names get the form in which the detectors know them; ordinary words stay."""
    assert as_written(said).casefold() == written.casefold()


@pytest.mark.promise("P7")
@pytest.mark.parametrize(
    "said",
    [
        "call anna miller on zero one seven six five five five four three two one",
        "the card is four one one one one one one one one one one one one one one one",
        "write to kunigunde dot muster at example dot org",
        "ask mister kunigunde",
    ],
)
def test_a_dictated_secret_is_redacted(said: str) -> None:
    """Neither names, numbers nor addresses are left of a dictated note, in words or in digits."""
    for posture in ("strict", "balanced"):
        (note,) = Redactor(posture).voice(RawVoice(1, 2, said))
        assert isinstance(note, VoiceNote)
        assert note.findings
        for word in ("kunigunde", "anna", "miller", "example", "one", "0176", "4111"):
            assert word not in note.text.casefold().split()


@given(st.lists(st.sampled_from(["zero", "one", "double", "twenty", "ninety", "dot", "at", "save", "anna", "is", "name", "mister", "a"])))
def test_no_sentence_breaks_it(words: list[str]) -> None:
    """Any order of number words, joints and names gives text, and it is never longer than what was said."""
    assert len(as_written(" ".join(words))) <= len(" ".join(words)) + 2


def test_sound_is_a_record_of_its_own_and_only_when_asked_for(strict: Redactor) -> None:
    """Without the participant's wish there is no sound; with it, it stands behind the note of the same time."""
    assert len(strict.voice(RawVoice(1, 2, "save it"))) == 1
    note, sound = strict.voice(RawVoice(1, 2, "save it", b"\0\1" * 100, 16_000))
    assert isinstance(sound, VoiceAudio)
    assert (sound.timestamp_ns, sound.end_ns, sound.rate_hz) == (note.timestamp_ns, 2, 16_000)
