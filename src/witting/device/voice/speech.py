"""Where in a sound somebody speaks: what lies before and after is cut off.

WebRTC's voice activity detector, which comes inside pocketsphinx, judges pieces of 30 ms. Invariant: what comes out is one stretch of what
came in; of a sound in which nobody speaks, nothing.
"""

from witting.terms.errors import MissingExtraError

_STRICTNESS = 2  # 0 to 3: the higher, the less noise passes for speech
_LEAST_PIECES = 7  # 210 ms of speech in all; a click or a cough is shorter
_MARGIN_PIECES = 8  # kept on both sides, so that soft beginnings and ends stay


def trim(sound: bytes, rate_hz: int) -> bytes:
    """Return the stretch of a sound (16-bit mono) from the first speech to the last; empty when there is none.

    Raises:
        MissingExtraError: pocketsphinx isn't installed.
    """
    try:
        from pocketsphinx import Vad
    except ImportError:
        raise MissingExtraError("voice notes need pocketsphinx", hint="pip install 'witting[voice]'") from None
    detector = Vad(mode=_STRICTNESS, sample_rate=rate_hz)
    step = detector.frame_bytes
    spoken = [at for at in range(0, len(sound) - step + 1, step) if detector.is_speech(sound[at : at + step])]
    if len(spoken) < _LEAST_PIECES:
        return b""
    margin = _MARGIN_PIECES * step
    return sound[max(0, spoken[0] - margin) : spoken[-1] + step + margin]
