"""The sound of a voice note on the review page: it stays here, and leaves only when it is picked for itself."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.device.desk.format import platform_note
from witting.terms.events import VoiceAudio
from witting.testing.participant import SESSION, Participant
from witting.testing.sample_session import sample_header

PAGE = f"/sessions/{SESSION}"
SOUND = VoiceAudio(2_000_000_000, 3_500_000_000, 16_000, b"a voice")


@pytest.mark.promise("P9")
def test_a_sound_leaves_only_when_it_is_picked(browser: TestClient[Any], post: Callable[..., Any], person: Participant) -> None:
    """The page says that a sound stays here and offers to let it leave; picked, it is in what leaves, and undoing keeps it here again."""
    enrolment = person.join()
    spool = person.record(enrolment, sounds=(SOUND,))
    page = browser.get(PAGE).text
    assert "Sound of a note, 1.5 seconds: stays on this machine" in page
    assert not any(isinstance(record, VoiceAudio) for record in person.see(enrolment))
    page = post(f"{PAGE}/sound", from_ns=str(SOUND.timestamp_ns)).text
    assert "leaves too" in page
    assert "1.5 seconds of your voice" in page
    assert [record for record in person.see(enrolment) if isinstance(record, VoiceAudio)] == [SOUND]
    mark = next(mark for mark in spool.marks(SESSION) if type(mark).__name__ == "SendSound")
    post(f"{PAGE}/undo", mark=mark.mark_id)
    assert not any(isinstance(record, VoiceAudio) for record in person.see(enrolment))


def test_a_wayland_recording_says_what_it_cannot_hold() -> None:
    """A recording of a Wayland session, or of a desktop that isn't tested, says so; the usual one says nothing."""
    header = sample_header("5e" * 16)
    assert platform_note(header) == ""
    assert "no pointer" in platform_note(msgspec.structs.replace(header, platform="linux-wayland-sway"))
    assert "isn't tested" in platform_note(msgspec.structs.replace(header, platform="windows", is_verified=False))
