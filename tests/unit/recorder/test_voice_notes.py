"""Voice notes with a made-up microphone and engine: open only while held, the sound in no file, every note kept or told of."""

import contextlib
import os
import selectors
import time
from pathlib import Path

import pytest

from witting.device.capture.microphone import Microphone
from witting.device.recorder.voice_notes import LONGEST_NS, PATIENCE_NS, VoiceNotes, VoiceOutlets
from witting.terms.clock import SystemClock
from witting.terms.errors import CaptureError, UsageError
from witting.terms.raw import RawVoice
from witting.testing.x11 import wait_for

NOISE = ("cat", "/dev/urandom")
ECHO = ("sh", "-c", "cat > /dev/null; echo the order is ready")


class LaterClock(SystemClock):
    """A clock that can be put forward."""

    ahead_ns = 0

    def monotonic_ns(self) -> int:
        """Return the time, put forward."""
        return super().monotonic_ns() + self.ahead_ns


class Ground:
    """Notes with everything they say written down."""

    def __init__(self, microphone=NOISE, engine=ECHO):
        self.selector = selectors.DefaultSelector()
        self.clock = LaterClock()
        self.kept: list[RawVoice] = []
        self.dropped: list[str] = []
        self.signs: list[bool] = []
        self.is_refused = False
        outlets = VoiceOutlets(self.kept.append, lambda reason, _: self.dropped.append(reason), show=self.signs.append, refuse=self._refuse)
        self.notes = VoiceNotes(self.selector, outlets, clock=self.clock, microphone=microphone, engine=engine)

    def _refuse(self):
        if self.is_refused:
            raise UsageError("no")

    def hear(self, seconds=0.2):
        """Take what arrives for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for key, _ in self.selector.select(0.02):
                key.data()

    def speak(self, *, keeps_sound=False):
        """Speak a note and wait until it is settled."""
        self.notes.begin(keeps_sound=keeps_sound)
        wait_for("sound", lambda: self.hear(0.03) or self.notes._open.sound)
        self.notes.end()
        wait_for("the text", lambda: self.hear(0.03) or not self.notes._waiting, seconds=10)


def microphones() -> int:
    """Count this process's children that read the made-up microphone."""
    count = 0
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            count += parent == os.getpid() and b"/dev/urandom" in (path / "cmdline").read_bytes()
    return count


def test_a_note_is_text_and_its_sound_is_gone():
    """What was held becomes one item of text with the time of the hold; the sound isn't in it."""
    ground = Ground()
    ground.speak()
    (note,) = ground.kept
    assert (note.text, note.audio, note.rate_hz) == ("the order is ready", b"", 0)
    assert note.timestamp_ns < note.end_ns
    assert ground.dropped == []


def test_sound_is_kept_only_for_the_note_it_was_asked_for():
    """Asking for the sound of one note doesn't keep that of the next."""
    ground = Ground()
    ground.speak(keeps_sound=True)
    ground.speak()
    assert [bool(note.audio) for note in ground.kept] == [True, False]
    assert len(ground.kept[0].audio) % 2 == 0


@pytest.mark.promise("P21")
def test_the_microphone_is_open_only_while_the_sign_says_so():
    """The sign says it before the microphone opens; after letting go no process reads the microphone."""
    ground = Ground()
    ground._seen = []
    show = ground.notes._outlets.show
    object.__setattr__(ground.notes._outlets, "show", lambda is_on: (ground._seen.append(microphones()), show(is_on)))
    ground.notes.begin()
    assert microphones() == 1
    ground.notes.begin()
    assert microphones() == 1
    ground.notes.end()
    assert microphones() == 0
    assert ground.signs == [True, False]
    assert ground._seen == [0, 0]
    ground.notes.finish(5)


def test_a_pause_throws_away_what_is_being_said():
    """Nothing said before the pause is understood; one hole tells of it."""
    ground = Ground()
    ground.notes.begin()
    ground.hear()
    ground.notes.stop("paused")
    assert (ground.dropped, ground.kept, ground.notes._waiting, microphones()) == (["paused"], [], [], 0)


@pytest.mark.promise("P8")
def test_an_engine_that_fails_leaves_a_hole():
    """A note whose engine ends badly, or never, is told as a hole and keeps no text."""
    ground = Ground(engine=("sh", "-c", "cat > /dev/null; echo half; exit 3"))
    ground.speak()
    assert (ground.kept, ground.dropped) == ([], ["redaction_failed"])
    ground = Ground(engine=("sleep", "60"))
    ground.notes.begin()
    ground.hear()
    ground.notes.end()
    ground.clock.ahead_ns = PATIENCE_NS + 1
    assert ground.notes.next_due_ns <= ground.clock.monotonic_ns()
    ground.notes.tick(ground.clock.monotonic_ns())
    assert (ground.kept, ground.dropped, ground.notes.next_due_ns) == ([], ["lost"], None)


def test_silence_is_no_note():
    """When nobody spoke there is nothing to keep and nothing to tell."""
    ground = Ground(engine=("sh", "-c", "cat > /dev/null"))
    ground.speak()
    assert (ground.kept, ground.dropped) == ([], [])


def test_a_note_ends_by_itself():
    """After the longest time the microphone closes, though the key is still held."""
    ground = Ground()
    ground.notes.begin()
    ground.hear()
    ground.clock.ahead_ns = LONGEST_NS
    ground.notes.tick(ground.clock.monotonic_ns())
    assert not ground.notes.is_listening
    ground.notes.finish(10)
    assert len(ground.kept) == 1


def test_a_microphone_that_goes_ends_the_note():
    """When the microphone's program ends, what it heard until then is understood."""
    ground = Ground(microphone=("head", "-c", "6400", "/dev/zero"))
    ground.notes.begin()
    wait_for("the end", lambda: ground.hear(0.03) or not ground.notes.is_listening)
    ground.notes.finish(10)
    assert len(ground.kept) == 1


def test_what_is_refused_opens_nothing():
    """No microphone opens while paused or not lent, with too many notes at work, or without a program to read it; the key says why."""
    ground = Ground()
    ground.is_refused = True
    ground.notes.on_key([True, False])
    assert (ground.notes.trouble, ground.signs, microphones()) == ("no", [], 0)
    ground = Ground(engine=("sleep", "60"))
    for _ in range(2):
        ground.notes.begin()
        ground.hear()
        ground.notes.end()
    with pytest.raises(UsageError, match="still being understood"):
        ground.notes.begin()
    ground.notes.finish(0)
    assert ground.dropped == ["lost", "lost"]
    ground = Ground(microphone=("/nowhere/microphone",))
    with pytest.raises(CaptureError):
        ground.notes.begin()
    assert ground.signs == [True, False]


def test_the_key_held_is_one_note():
    """Press and release of the key are one note."""
    ground = Ground()
    ground.notes.on_key([True])
    ground.hear()
    ground.notes.on_key([False])
    ground.notes.finish(10)
    assert (len(ground.kept), ground.notes.trouble) == (1, "")


def test_a_microphone_can_be_closed_twice(monkeypatch):
    """Closing twice is harmless; a machine that has no program for it says what to install."""
    microphone = Microphone(NOISE)
    microphone.close()
    microphone.close()
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(CaptureError, match="nothing here"):
        Microphone()
