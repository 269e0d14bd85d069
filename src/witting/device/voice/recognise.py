"""From sound to words, on this machine: the engines by name, each loaded only when it is used.

`pocketsphinx` carries its English model in its wheel. `faster-whisper` is a port for those who bring their own model: a folder that was
there before, for nothing is ever fetched. Doesn't judge what was said. Invariant: an engine returns words, and nothing else leaves it.
"""

import re
from pathlib import Path
from typing import Any, Protocol

from witting.terms.errors import MissingExtraError, UsageError

ENGINES = ("pocketsphinx", "faster-whisper")
_SPELLINGS = re.compile(r"\(\d+\)|<[^>]*>|\[[^\]]*\]")  # `a(2)`, `<sil>`, `[NOISE]`: the recogniser's own marks
_FULL_SCALE = 32768.0


class Recogniser(Protocol):
    """Understands speech."""

    def text_of(self, sound: bytes, rate_hz: int) -> str:
        """Return the words in a sound (16-bit mono)."""
        ...


class PocketSphinx:
    """CMU PocketSphinx with its own model of US English."""

    def text_of(self, sound: bytes, rate_hz: int) -> str:
        """Return the words in lower case, without punctuation."""
        from pocketsphinx import Decoder

        decoder = Decoder(samprate=rate_hz, loglevel="FATAL")
        decoder.start_utt()
        decoder.process_raw(sound, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return " ".join(_SPELLINGS.sub("", found.hypstr).split()) if found is not None else ""


class FasterWhisper:
    """faster-whisper with a model in a local folder; not part of any extra, and not verified here.

    Raises:
        MissingExtraError: faster-whisper isn't installed.
        UsageError: the folder isn't there.
    """

    def __init__(self, model: str) -> None:
        if not model or not Path(model).is_dir():
            raise UsageError("faster-whisper needs a model in a local folder", hint="set `voice_model` to the folder; nothing is fetched")
        try:
            from faster_whisper import WhisperModel
        except ImportError:
            raise MissingExtraError("faster-whisper isn't installed", hint="pip install faster-whisper") from None
        self._model: Any = WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)

    def text_of(self, sound: bytes, rate_hz: int) -> str:
        """Return the words as the model writes them; only sound at 16 kHz is understood."""
        import numpy as np

        if rate_hz != 16_000:  # noqa: PLR2004 - the rate its models were trained on
            message = f"the sound has {rate_hz} Hz"
            raise UsageError(message, hint="record at 16000 Hz")
        pieces, _ = self._model.transcribe(np.frombuffer(sound, np.int16).astype(np.float32) / _FULL_SCALE, without_timestamps=True)
        return " ".join(piece.text.strip() for piece in pieces)


def load_recogniser(engine: str, model: str = "") -> Recogniser:
    """Return the engine of a name.

    Raises:
        UsageError: there is none of that name.
        MissingExtraError: it isn't installed.
    """
    if engine == "pocketsphinx":
        return PocketSphinx()
    if engine == "faster-whisper":
        return FasterWhisper(model)
    message = f"there is no speech engine `{engine}`"
    raise UsageError(message, hint=f"the engines are {', '.join(ENGINES)}")
