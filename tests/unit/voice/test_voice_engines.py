"""The process of a note: what nobody said has no text, engines are told by name, nothing is fetched."""

import subprocess
import sys

import pytest

from witting.device.voice.recognise import load_recogniser
from witting.device.voice.speech import trim
from witting.terms.errors import UsageError

pytest.importorskip("pocketsphinx", reason="the extra `voice` isn't installed")


def test_silence_is_trimmed_to_nothing() -> None:
    """Neither silence nor a click counts as speech."""
    assert trim(bytes(32_000), 16_000) == b""
    assert trim(bytes(16_000) + b"\xff\x7f" * 40 + bytes(16_000), 16_000) == b""


@pytest.mark.parametrize(("engine", "model"), [("gramophone", ""), ("faster-whisper", ""), ("faster-whisper", "/nowhere")])
def test_an_engine_that_is_not_there_is_named(engine: str, model: str) -> None:
    """An unknown engine, and one whose model isn't on this machine, are refused; nothing is fetched for them."""
    with pytest.raises(UsageError):
        load_recogniser(engine, model)


@pytest.mark.promise("P10")
def test_the_process_of_a_note_has_no_network() -> None:
    """The process shuts the network before it reads the sound, and says nothing when nobody spoke."""
    argv = [sys.executable, "-m", "witting.device.voice", "pocketsphinx", "16000", ""]
    ended = subprocess.run(argv, input=bytes(32_000), capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, b"")
    code = (
        "import witting.device.voice.__main__ as m, socket, sys\n"
        "m.trim = lambda sound, rate: (socket.socket(), b'')[1]\n"
        "sys.exit(m.main(['pocketsphinx', '16000']))"
    )
    refused = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=False, timeout=60)
    assert b"PermissionError" in refused.stderr
