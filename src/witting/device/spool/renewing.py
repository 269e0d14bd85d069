"""Writes a session anew without its end, under a fresh key, so that the old bytes can't be read again: all of it or nothing.

The new file is whole and synced before it takes the old one's name; that renaming decides. Then the old key is overwritten and the fresh
one takes its name. `settle` ends what a crash left half done: with the new file in place it goes on, without it nothing was forgotten.
Knows keys and files, not what is cut. Invariant: at any moment exactly one of two sessions can be read, the old one or the cut one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from witting.device.spool.cutting import Cut, Removed
from witting.device.spool.disk import SafeFile, is_held, sync_folder, write_private
from witting.device.spool.packing import PackedReader, PackedWriter
from witting.ledger.seals import KeyStore, open_object, seal_object
from witting.terms.codec import split_frames
from witting.terms.errors import SealError, StoreFullError

NEXT = ".next"  # behind a session's id: the name of its fresh key
MARKS_NAME = b"witting-marks\0"
_SEGMENT_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Renewed:
    """The cut session, open for more."""

    file: SafeFile
    sealer: PackedWriter
    removed: Removed


def renew(path: Path, keys: KeyStore, *, from_ns: int, to_ns: int) -> Renewed:
    """Replace the session at `path` by one without what happened from `from_ns` on.

    Raises:
        StoreFullError: there is no room to write it anew; it is as it was.
        SealError: it was changed by somebody; it is as it was.
    """
    session_id = path.stem
    old_key = keys.key(session_id)
    cut = Cut(lambda: _encoded(path, old_key), from_ns, to_ns=to_ns)
    fresh = keys.new_key(session_id + NEXT)
    file: SafeFile | None = None
    try:
        file = SafeFile(path.with_suffix(".session-new"), ballast=path.with_suffix(".ballast"))
        sealer = PackedWriter(cast("IO[bytes]", file), fresh)
        _copy(cut, file, sealer=sealer)
        _reseal_marks(path, old_key, fresh=fresh)
    except (OSError, StoreFullError, SealError):
        if file is not None:
            file.hand_over()
        _undo(path, keys)
        raise
    path.with_suffix(".session-new").replace(path)
    sync_folder(path.parent)
    _take_over(path, keys)
    return Renewed(file, sealer, cut.removed)


def settle(path: Path, keys: KeyStore) -> None:
    """End what a crash left half done at the session of `path`; a session that a living process writes is left to it."""
    name = path.stem + NEXT
    if not keys.has(name) or is_held(path) or is_held(path.with_suffix(".session-new")):
        return
    if _opens(path, keys, name=name):
        _take_over(path, keys)
        return
    _undo(path, keys)


def _undo(path: Path, keys: KeyStore) -> None:
    """The old session stays as it was."""
    for suffix in (".session-new", ".marks-new", ".marks-new-new"):
        path.with_suffix(suffix).unlink(missing_ok=True)
    keys.destroy(path.stem + NEXT)


def _take_over(path: Path, keys: KeyStore) -> None:
    """The cut session is in place: destroy the old key, and let the marks follow."""
    if path.with_suffix(".marks-new").exists():
        path.with_suffix(".marks-new").replace(path.with_suffix(".marks"))
    keys.replace(path.stem, path.stem + NEXT)


def _encoded(path: Path, key: bytes) -> Iterator[bytes]:
    with path.open("rb") as file:
        for segment in PackedReader(file, key):
            yield from split_frames(segment)


def _copy(cut: Cut, file: SafeFile, *, sealer: PackedWriter) -> None:
    run = bytearray()
    for framed in cut.records():
        run += framed
        if len(run) >= _SEGMENT_BYTES:
            sealer.append(bytes(run))
            run.clear()
            file.flush()
    sealer.append(bytes(run))
    sealer.sync()


def _reseal_marks(path: Path, old_key: bytes, *, fresh: bytes) -> None:
    marks = path.with_suffix(".marks")
    if marks.exists():
        name = MARKS_NAME + path.stem.encode()
        data = open_object(old_key, marks.read_bytes(), name=name)
        write_private(path.with_suffix(".marks-new"), seal_object(fresh, data, name=name))


def _opens(path: Path, keys: KeyStore, *, name: str) -> bool:
    try:
        key = keys.key(name)
        with path.open("rb") as file:
            return next(iter(PackedReader(file, key)), None) is not None
    except (OSError, SealError):
        return False
