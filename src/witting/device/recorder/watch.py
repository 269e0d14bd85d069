"""Looks whether consent still stands: at the files that say so, whenever the kernel tells that one changed, and now and then besides.

Doesn't judge receipts (the gate does). Invariant: a file that went, changed or can't be read any more counts against recording, never for
it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from witting.consent.states import YES
from witting.device.recorder.config import RecorderConfig
from witting.terms.errors import NoConsentError, NoticeChangedError, WittingError

EVERY_NS = 10_000_000_000  # while the kernel tells of changes
UNTOLD_NS = 500_000_000  # where it can't
_REST = "nothing more is recorded; what was recorded before is as you left it"

_Stamp = tuple[int, int, int] | None


class _State(msgspec.Struct):
    """What of consent.json matters here."""

    status: str


@dataclass(slots=True)
class _Watched:
    path: Path
    stamp: _Stamp
    digest: str


class ConsentWatch:
    """Remembers how the files were when the session began."""

    def __init__(self, config: RecorderConfig) -> None:
        self._withdrawn = config.withdrawn_path
        self._state = Path(config.data_dir) / "consent.json"
        self._had_state = self._state.exists()
        self._programme = _watch(Path(config.programme))
        self._receipts = _watch(Path(config.receipts))
        self.folders = (Path(config.data_dir), Path(config.programme).parent, Path(config.receipts).parent)

    def trouble(self) -> WittingError | None:
        """Return why recording must stop, None while it may go on."""
        if self._withdrawn.exists() or (self._had_state and not _is_given(self._state)):
            return NoConsentError("consent was withdrawn", hint=_REST)
        if _has_changed(self._receipts):
            return NoConsentError("the receipts changed", hint="start recording again under the new one")
        if _has_changed(self._programme):
            return NoticeChangedError("the programme changed", hint="`witting notice` shows what changed and asks again")
        return None


def _is_given(path: Path) -> bool:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_State).status in YES
    except (OSError, msgspec.MsgspecError):
        return False


def _watch(path: Path) -> _Watched:
    return _Watched(path, _stamp(path), _digest(path))


def _has_changed(watched: _Watched) -> bool:
    """Compare the content only when the file's stamp is another."""
    stamp = _stamp(watched.path)
    if stamp == watched.stamp:
        return False
    watched.stamp = stamp
    return _digest(watched.path) != watched.digest


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
