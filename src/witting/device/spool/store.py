"""The spool: which sessions are on this disk, and how they are read, marked, forgotten and pruned.

One file per session, `<id>.session`, sealed under a key of its own that the key store keeps; marks lie beside it, sealed under the same
key. Knows nothing of screens or hubs. Invariant: after `forget` a session can't be read or listed again, whatever bytes remain; after
`prune` no bytes of a forgotten session remain.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from witting.device.spool.cutting import Removed
from witting.device.spool.disk import FULL, SafeFile, full_error, is_held, sync_folder, write_private
from witting.device.spool.packing import PackedReader
from witting.device.spool.renewing import MARKS_NAME, NEXT, Renewed, renew, settle
from witting.device.spool.writer import SessionWriter
from witting.ledger.seals import Ending, KeyStore, open_object, seal_object
from witting.terms.clock import Clock, SystemClock, parse_rfc3339
from witting.terms.codec import decode_record, split_frames
from witting.terms.errors import IntegrityError, RecordError, SealError, StoreFullError, UsageError
from witting.terms.review import Mark
from witting.terms.session import Record, SessionHeader


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session on this disk, as its first record says."""

    header: SessionHeader  # under which consent it was made
    size_bytes: int  # sealed
    is_recording: bool  # a living process is writing it

    @property
    def session_id(self) -> str:
        """The session's opaque name."""
        return self.header.session_id


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Where an open session lies."""

    path: Path
    keys: KeyStore

    def renew(self, from_ns: int, to_ns: int) -> Renewed:
        """Replace the session by one without what happened from `from_ns` on."""
        return renew(self.path, self.keys, from_ns=from_ns, to_ns=to_ns)

    def has_key(self) -> bool:
        """Whether the session's key is still kept."""
        return self.keys.has(self.path.stem)


class Spool:
    """The sessions below `data_dir`/spool; a session's key is kept in `keystore` under its id."""

    def __init__(self, data_dir: Path, keystore: KeyStore, *, clock: Clock | None = None) -> None:
        self._folder = data_dir / "spool"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        self._keys = keystore
        self._clock = clock or SystemClock()
        for name in keystore.names():
            if name.endswith(NEXT):
                settle(self._file(name.removesuffix(NEXT)), keystore)
        self.endings: dict[str, Ending] = {}  # how each session read to its end ended: closed, open (cut at an edge), torn

    def open_session(self, header: SessionHeader) -> SessionWriter:
        """Begin a session under a fresh key; its header is on the disk when this returns.

        Raises:
            StoreFullError: there is no room; nothing was begun.
            UsageError: there is a session of that id.
        """
        path = self._file(header.session_id)
        if self._keys.has(header.session_id) or path.exists():
            message = f"session {header.session_id[:8]} exists already"
            raise UsageError(message, hint="use a fresh session id")
        try:
            key = self._keys.new_key(header.session_id)
            file = SafeFile(path, ballast=path.with_suffix(".ballast"))
            return SessionWriter(file, key, header=header, clock=self._clock, keeping=_Keeping(path, self._keys))
        except (OSError, StoreFullError) as error:
            self.forget(header.session_id)
            raise (full_error() if isinstance(error, OSError) and error.errno in FULL else error) from None

    def sessions(self) -> list[SessionInfo]:
        """Return what can be read here, in order of recording; a file whose key is gone isn't listed, nor is a damaged one."""
        found = [info for info in self._look().values() if info is not None]
        return sorted(found, key=lambda info: (info.header.recorded_at, info.header.started_ns))

    def damaged(self) -> tuple[str, ...]:
        """Return the ids of sessions whose beginning can't be read; all that can be done with one is to forget it."""
        return tuple(sorted(session_id for session_id, info in self._look().items() if info is None))

    def is_recording(self) -> bool:
        """Whether a living process is writing any session, readable or not."""
        return any(is_held(path) for path in self._folder.glob("*.session"))

    def info(self, session_id: str) -> SessionInfo:
        """Return what the first record of a session says.

        Raises:
            UsageError: there is no such session, or it was forgotten.
            SealError: its beginning was changed, or never reached the disk.
        """
        self._require(session_id)
        return self._info(self._file(session_id))

    def read(self, session_id: str) -> Iterator[Record]:
        """Yield the records of a session; one cut by a crash ends at its last whole second, see `endings`.

        Raises:
            SealError: bytes were changed, or belong to another key.
            UsageError: there is no such session, or it was forgotten.
        """
        self._require(session_id)
        with self._file(session_id).open("rb") as file:
            reader = PackedReader(file, self._keys.key(session_id))
            for segment in reader:
                for data in split_frames(segment):
                    yield decode_record(data)
            self.endings[session_id] = reader.ending

    def marks(self, session_id: str) -> tuple[Mark, ...]:
        """Return the review marks of a session, oldest first."""
        self._require(session_id)
        try:
            sealed = self._marks_file(session_id).read_bytes()
        except FileNotFoundError:
            return ()
        data = open_object(self._keys.key(session_id), sealed, name=MARKS_NAME + session_id.encode())
        try:
            return msgspec.msgpack.decode(data, type=tuple[Mark, ...])
        except msgspec.MsgspecError:
            message = f"the marks of session {session_id[:8]} can't be read"
            raise RecordError(message, hint="nothing of the session can leave; delete it with `witting drop`") from None

    def add_mark(self, session_id: str, mark: Mark) -> None:
        """Add a review mark; it holds for everything that leaves from now on."""
        self._write_marks(session_id, (*self.marks(session_id), mark))

    def remove_mark(self, session_id: str, mark_id: str) -> bool:
        """Take a mark back; False when there is none of that name."""
        marks = self.marks(session_id)
        left = [mark for mark in marks if mark.mark_id != mark_id]
        if len(left) < len(marks):
            self._write_marks(session_id, left)
        return len(left) < len(marks)

    def forget(self, session_id: str) -> bool:
        """Destroy a session's key, so that nothing of it can be read again; False when it was forgotten before."""
        self.endings.pop(session_id, None)
        self._keys.destroy(session_id + NEXT)
        return self._keys.destroy(session_id)

    def forget_since(self, session_id: str, from_ns: int) -> Removed:
        """Take out for good what happened from `from_ns` on, of a session that nobody is writing.

        Raises:
            UsageError: there is no such session, or it is being recorded: its recorder forgets then.
            StoreFullError: there is no room to write it anew; nothing was forgotten.
        """
        self._require(session_id)
        path = self._file(session_id)
        if is_held(path):
            raise UsageError("this session is still being recorded", hint="`witting forget` asks its recorder")
        renewed = renew(path, self._keys, from_ns=from_ns, to_ns=self._clock.monotonic_ns())
        if renewed.removed.is_ended:
            renewed.sealer.close()
        renewed.file.close()
        return renewed.removed

    def prune(self) -> int:
        """Remove the bytes of every forgotten session; returns how many bytes went."""
        removed = 0
        for path in sorted(self._folder.iterdir()):
            if not self._keys.has(path.stem) or (path.suffix == ".ballast" and not is_held(path.with_suffix(".session"))):
                with contextlib.suppress(FileNotFoundError):  # another process pruned it, or a recorder gave its reserve back
                    size_bytes = path.stat().st_size
                    path.unlink()
                    removed += size_bytes
        sync_folder(self._folder)
        return removed

    def erase_older(self, moment: datetime) -> tuple[str, ...]:
        """Forget and prune the sessions recorded before `moment`, an aware time; returns their ids. One being recorded stays."""
        old = [info.session_id for info in self.sessions() if not info.is_recording and parse_rfc3339(info.header.recorded_at) < moment]
        for session_id in old:
            self.forget(session_id)
        if old:
            self.prune()
        return tuple(old)

    def _require(self, session_id: str) -> None:
        if not self._file(session_id).exists() or not self._keys.has(session_id):
            message = f"there is no session {session_id[:8]} on this device"
            raise UsageError(message, hint="`witting episodes` lists what is here")

    def _look(self) -> dict[str, SessionInfo | None]:
        """Return what is known of each session whose key is here; None for a damaged one."""
        found: dict[str, SessionInfo | None] = {}
        for path in self._folder.glob("*.session"):
            if self._keys.has(path.stem):
                try:
                    found[path.stem] = self._info(path)
                except FileNotFoundError:  # forgotten and pruned meanwhile
                    continue
                except IntegrityError:
                    if not is_held(path):  # else its first segment is just being written
                        found[path.stem] = None
        return found

    def _info(self, path: Path) -> SessionInfo:
        """Read only the first segment."""
        with path.open("rb") as file:
            segment = next(iter(PackedReader(file, self._keys.key(path.stem))), b"")
        header = next((decode_record(data) for data in split_frames(segment)), None)
        if isinstance(header, SessionHeader) and header.session_id == path.stem:
            return SessionInfo(header, path.stat().st_size, is_held(path))
        raise SealError("a session's file doesn't begin with its own header", hint="nothing of it was used; delete it with `witting drop`")

    def _write_marks(self, session_id: str, marks: Sequence[Mark]) -> None:
        name = MARKS_NAME + session_id.encode()
        sealed = seal_object(self._keys.key(session_id), msgspec.msgpack.encode(tuple(marks)), name=name)
        write_private(self._marks_file(session_id), sealed)

    def _file(self, session_id: str) -> Path:
        if not session_id.isalnum():
            raise UsageError("a session's id is letters and digits only", hint="`witting episodes` lists what is here")
        return self._folder / f"{session_id}.session"

    def _marks_file(self, session_id: str) -> Path:
        return self._file(session_id).with_suffix(".marks")
