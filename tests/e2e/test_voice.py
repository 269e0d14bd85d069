"""Voice notes through the whole recorder: made-up speech through a made-up microphone, or PulseAudio's; text comes out, redacted."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from recorded import adds_up, bytes_below, holes

from witting.device import control
from witting.device.control import Command
from witting.terms.consent import Grant
from witting.terms.errors import UsageError
from witting.terms.events import VoiceAudio, VoiceNote
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, RunningRecorder, lent_programme
from witting.testing.microphone import has_speech, speech
from witting.testing.x11 import wait_for

pytest.importorskip("pocketsphinx", reason="the extra `voice` isn't installed")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(not has_speech(), reason="needs flite (deploy/debian-packages-more.txt)"),
]
SAID = "i choose the second option because the first one is too expensive"


@pytest.fixture
def lender(tmp_path) -> Lender:
    """Give a participant who lends the editor, voice notes included."""
    return Lender(tmp_path / "lent", lent_programme({"mousepad": ()}))


def microphone_of(folder: Path, text: str) -> tuple[str, ...]:
    """Return a microphone that hears a text, then silence."""
    path = folder / "said.raw"
    path.write_bytes(bytes(8000) + speech(text))
    return (sys.executable, "-m", "witting.testing.microphone", str(path))


def speak(recorder: RunningRecorder, seconds: float, *, keep_sound: bool = False) -> None:
    """Hold a note open for a while by the control socket, as the desk's button does."""
    assert control.speak(recorder.control_path, keep_sound=keep_sound).is_listening
    time.sleep(seconds)
    assert not control.hush(recorder.control_path).is_listening


def kept(recorder: RunningRecorder) -> int:
    """Return how many records of voice were kept so far."""
    return recorder.status().kept.get("voice", 0)


def test_what_is_said_is_text_in_the_record(desktop: DesktopSession, lender: Lender, tmp_path):
    """A spoken note is a note of text; its sound is nowhere on the disk, nor in the record."""
    with lender.start(desktop.env, microphone=microphone_of(tmp_path, SAID)) as recorder:
        speak(recorder, 3.0)
        wait_for("the note", lambda: kept(recorder) == 1, seconds=30)
        recorder.stop()
    records = lender.records()
    (note,) = [record for record in records if isinstance(record, VoiceNote)]
    assert set(note.text.split()) & {"choose", "second", "option", "first", "expensive"}
    assert not any(isinstance(record, VoiceAudio) for record in records)
    assert adds_up(records)
    assert speech(SAID)[16_000:17_000] not in bytes_below(lender.folder)


@pytest.mark.promise("P7")
def test_a_number_that_was_said_is_covered(desktop: DesktopSession, lender: Lender, tmp_path):
    """A card number said digit by digit doesn't stand in the note."""
    said = "the number is four one one one one one one one one one one one one one one one"
    with lender.start(desktop.env, microphone=microphone_of(tmp_path, said)) as recorder:
        speak(recorder, 4.0)
        recorder.stop()
    (note,) = [record for record in lender.records() if isinstance(record, VoiceNote)]
    assert note.findings
    assert note.text.split().count("one") < 3


def test_sound_is_kept_for_one_note_when_asked(desktop: DesktopSession, lender: Lender, tmp_path):
    """The sound that was asked for is in the sealed record, and counted."""
    with lender.start(desktop.env, microphone=microphone_of(tmp_path, SAID)) as recorder:
        speak(recorder, 2.0, keep_sound=True)
        wait_for("the note", lambda: kept(recorder) == 2, seconds=30)
        recorder.stop()
    records = lender.records()
    assert [type(record) for record in records if isinstance(record, VoiceNote | VoiceAudio)] == [VoiceNote, VoiceAudio]
    assert adds_up(records)


def test_the_key_is_held_to_speak_and_stop_waits_for_the_text(desktop: DesktopSession, lender: Lender, tmp_path):
    """Holding the participant's key opens the microphone, letting go closes it; stopping waits for the note spoken last."""
    with (
        lender.start(desktop.env, microphone=microphone_of(tmp_path, SAID), voice_key="F9") as recorder,
        Hands(desktop.display, seed=1) as hands,
    ):
        hands.hold("F9")
        wait_for("the microphone", lambda: recorder.status().is_listening)
        time.sleep(2.5)
        hands.let_go("F9")
        wait_for("silence", lambda: not recorder.status().is_listening)
        recorder.stop()
    records = lender.records()
    lost = sum(gap.count for gap in holes(records, "lost") if gap.stream == "voice")  # on a machine too busy to write it down in time
    assert sum(isinstance(record, VoiceNote) for record in records) + lost == 1
    assert adds_up(records)


@pytest.mark.promise("P2")
def test_a_pause_closes_the_microphone(desktop: DesktopSession, lender: Lender, tmp_path):
    """Pausing closes the microphone at once and what was being said is a hole; while paused it doesn't open."""
    with lender.start(desktop.env, microphone=microphone_of(tmp_path, SAID)) as recorder:
        control.speak(recorder.control_path)
        time.sleep(0.5)
        assert not control.pause(recorder.control_path).is_listening
        with pytest.raises(UsageError, match="paused"):
            control.send_command(recorder.control_path, Command(do="voice_begin"))
        recorder.stop()
    records = lender.records()
    assert sum(gap.count for gap in holes(records, "paused") if gap.stream == "voice") == 1
    assert adds_up(records)


@pytest.mark.promise("P1")
def test_without_its_own_choice_the_microphone_never_opens(desktop: DesktopSession, tmp_path):
    """Whoever lends everything but voice notes can't open the microphone, by key or by button."""
    grants = [Grant("train", "windows", "mousepad"), Grant("train", "keys", "mousepad")]
    lender = Lender(tmp_path / "lent", lent_programme({"mousepad": ()}), grants=grants)
    trace = tmp_path / "opened"
    with lender.start(desktop.env, microphone=("touch", str(trace)), voice_key="F9") as recorder, Hands(desktop.display, seed=1) as hands:
        with pytest.raises(UsageError, match="voice"):
            control.speak(recorder.control_path)
        hands.hold("F9")
        time.sleep(0.3)
        hands.let_go("F9")
        assert "voice" not in recorder.status().produced
        recorder.stop()
    assert not trace.exists()


def test_pulse_audio_is_heard(desktop: DesktopSession, lender: Lender, tmp_path):
    """What plays into a PulseAudio source is read by parec and understood, with the usual command."""
    runtime = tmp_path / "pulse"
    runtime.mkdir(mode=0o700)
    env = {**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "PULSE_SERVER": f"unix:{runtime}/native"}
    server = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes",
         "-L", f"module-native-protocol-unix auth-anonymous=1 socket={runtime}/native", "-L", "module-null-sink sink_name=room"],
        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for("PulseAudio", lambda: subprocess.run(["pactl", "info"], env=env, capture_output=True, check=False).returncode == 0)
        player_env = {**desktop.env, "PULSE_SERVER": env["PULSE_SERVER"], "HOME": str(tmp_path)}
        with lender.start(player_env) as recorder:
            control.speak(recorder.control_path)
            time.sleep(0.5)
            subprocess.run(["pacat", "--raw", "--format=s16le", "--rate=16000", "--channels=1"], env=env, input=speech(SAID), check=True)
            time.sleep(0.3)
            control.hush(recorder.control_path)
            wait_for("the note", lambda: kept(recorder) == 1, seconds=30)
            recorder.stop()
    finally:
        server.terminate()
        server.wait()
    (note,) = [record for record in lender.records() if isinstance(record, VoiceNote)]
    assert set(note.text.split()) & {"choose", "second", "option", "first", "expensive"}
