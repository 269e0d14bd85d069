"""Writes one session to its sealed file, so that a kill or a full disk costs at most the last second.

Records wait in memory for less than a second, then become one sealed segment that is synced to the disk. There is no thread: `append`
and `flush_due` look at the clock. The writer doesn't know where files lie or how keys are kept. Invariant: a session that was closed, by
its recorder or by a full disk, ends with a SessionEnd whose counts fit the records in it.
"""

from collections import Counter
from typing import IO, TYPE_CHECKING, Protocol, cast

from witting.device.spool.disk import SafeFile, full_error
from witting.device.spool.packing import PackedWriter
from witting.terms.clock import Clock
from witting.terms.codec import frame_record
from witting.terms.errors import IntegrityError, StoreFullError, UsageError
from witting.terms.events import (
    Cadence,
    Clipboard,
    Frame,
    Gap,
    HeldButtons,
    HeldKeys,
    Hover,
    Key,
    KeyRun,
    PageForm,
    PageNavigation,
    PageScroll,
    PointerButton,
    PointerMove,
    PointerPath,
    PointerWheel,
    Stream,
    TextInput,
    VoiceAudio,
    VoiceNote,
    WindowFocus,
    WindowLayout,
)
from witting.terms.session import Record, SessionEnd, SessionHeader
from witting.terms.tree import UiTree

if TYPE_CHECKING:
    from witting.device.spool.cutting import Removed
    from witting.device.spool.renewing import Renewed

FLUSH_AFTER_NS = 800_000_000  # a record waits no longer than this, so that a second holds the sync too
SEGMENT_BYTES = 256 * 1024  # or until this much waits

_STREAMS: dict[type, Stream] = {
    PointerMove: "pointer",
    PointerPath: "pointer",
    PointerButton: "pointer",
    PointerWheel: "pointer",
    Key: "keys",
    TextInput: "keys",
    KeyRun: "keys",
    Cadence: "cadence",
    Hover: "pointer",
    HeldButtons: "pointer",
    HeldKeys: "keys",
    WindowFocus: "windows",
    WindowLayout: "windows",
    PageNavigation: "pages",
    PageForm: "pages",
    PageScroll: "pages",
    UiTree: "ui_tree",
    Frame: "screen",
    Clipboard: "clipboard",
    VoiceNote: "voice",
    VoiceAudio: "voice",
}


def stream_of(record: Record) -> Stream | None:
    """Return the stream a record belongs to, None for headers, ends, tiles, tasks, topologies and gaps."""
    return _STREAMS.get(type(record))


class Keeping(Protocol):
    """What keeps a session: its key, and the way to write it anew."""

    def renew(self, from_ns: int, to_ns: int) -> "Renewed":
        """Replace the session by one without what happened from `from_ns` on."""
        ...

    def has_key(self) -> bool:
        """Whether the session's key is still kept."""
        ...


class SessionWriter:
    """An open session, written to `file`, sealed with `key`.

    Each method may raise StoreFullError; the session is closed then, with everything appended before in it.
    """

    def __init__(self, file: SafeFile, key: bytes, *, header: SessionHeader, clock: Clock, keeping: "Keeping | None" = None) -> None:
        self.session_id = header.session_id
        self._file = file
        self._clock = clock
        self._keeping = keeping
        self._sealer = PackedWriter(cast("IO[bytes]", file), key)
        self._waiting = bytearray(frame_record(header))
        self._oldest_ns = clock.monotonic_ns()
        self._last_ns = header.started_ns
        self._kept: Counter[str] = Counter()
        self._gapped: Counter[str] = Counter()
        self._is_ending = False
        self.flush()

    @property
    def is_closed(self) -> bool:
        """Whether the session has ended."""
        return self._file.closed

    def append(self, record: Record) -> None:
        """Take a record; write when enough has waited long enough.

        Raises:
            StoreFullError: the disk is full; the session is closed and holds this record too.
            UsageError: the session has ended before.
        """
        self._require_open()
        now = self._clock.monotonic_ns()
        if not self._waiting:
            self._oldest_ns = now
        self._waiting += frame_record(record)
        self._count(record)
        if len(self._waiting) >= SEGMENT_BYTES or now - self._oldest_ns >= FLUSH_AFTER_NS:
            self.flush()

    def flush_due(self, now_ns: int) -> None:
        """Write what waits if it has waited long enough; cheap, so call it at every turn of the loop."""
        if self._waiting and now_ns - self._oldest_ns >= FLUSH_AFTER_NS:
            self.flush()

    def flush(self) -> None:
        """Seal what waits as one segment and sync it to the disk."""
        self._require_open()
        if not self._waiting:
            return
        self._sealer.append(bytes(self._waiting))
        self._waiting.clear()
        self._sync()
        if self._file.is_full and not self._is_ending:
            self._end_full()

    def forget(self, from_ns: int) -> "Removed":
        """Take out for good what happened from `from_ns` on; a hole with the count of it stands in place.

        Raises:
            StoreFullError: there is no room to write the session anew; nothing was forgotten.
            UsageError: the session has ended before.
        """
        self.flush()
        if self._keeping is None:
            raise UsageError("this session can't be written anew", hint="end it and drop it")
        renewed = self._keeping.renew(from_ns, self._clock.monotonic_ns())
        self._file.hand_over()
        self._file, self._sealer = renewed.file, renewed.sealer
        self._kept -= renewed.removed.kept
        self._gapped += renewed.removed.kept
        return renewed.removed

    def close(self, end: SessionEnd) -> None:
        """Write the end and the tag that tells a clean end from a cut; closing twice is harmless."""
        if self.is_closed:
            return
        self._is_ending = True
        self._waiting += frame_record(end)
        self.flush()
        self._sealer.close()
        self._file.close()

    def _require_intact(self) -> None:
        """Hold the file and its key against what they should be: nobody else may have touched them."""
        if not self._file.is_intact() or (self._keeping is not None and not self._keeping.has_key()):
            self._file.close()
            message = f"the file or key of session {self.session_id[:8]} was changed or taken away while it was recorded"
            raise IntegrityError(message, hint="recording stopped; see who did that before you start again", code="spool_changed")

    def _sync(self) -> None:
        self._require_intact()
        try:
            self._sealer.sync()
        except (OSError, StoreFullError):  # nothing more can be written: leave whole segments behind
            self._file.close()
            raise

    def _count(self, record: Record) -> None:
        if isinstance(record, Gap):
            self._gapped[record.stream] += record.count
        elif (stream := stream_of(record)) is not None:
            self._kept[stream] += 1
        self._last_ns = max(self._last_ns, getattr(record, "timestamp_ns", 0))

    def _require_open(self) -> None:
        if self.is_closed:
            message = f"session {self.session_id[:8]} has ended and takes no more records"
            raise UsageError(message, hint="start a new session")

    def _end_full(self) -> None:
        """End the session in the room the ballast gave, with counts made from what is in it, and say so."""
        streams = {*self._kept, *self._gapped}
        produced = {stream: self._kept[stream] + self._gapped[stream] for stream in streams}
        self.close(
            SessionEnd(timestamp_ns=self._last_ns, reason="store_full", produced=produced, kept=dict(self._kept), gapped=dict(self._gapped))
        )
        raise full_error()
