"""The far end of the recorder: a thread that redacts what it is given, in order, and hands it to the spool.

Capture never waits for it: the queue is bounded, and a full one ends the session with a name. Doesn't know the gate. Invariant: only what
the Redactor returned reaches the spool; what it refused becomes a Gap, counted.
"""

import contextlib
import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from witting.device.capture.screen import Grab
from witting.device.privacy import Pane, RedactionError, Redactor
from witting.device.reading.process import ReadingProcess
from witting.device.recorder.boundary import contained
from witting.device.recorder.typist import Typed
from witting.device.spool import SessionWriter, stream_of
from witting.terms.clock import Clock
from witting.terms.errors import CaptureError, WittingError
from witting.terms.events import STREAMS, FrameReason, Gap, GapReason, InputSettings, PointerPath, Stream, TextInput, Topology
from witting.terms.geometry import Rect
from witting.terms.raw import (
    RawButton,
    RawCadence,
    RawClipboard,
    RawFrame,
    RawHeldButtons,
    RawHeldKeys,
    RawHover,
    RawInputSums,
    RawKey,
    RawKeyRun,
    RawLayout,
    RawMove,
    RawPage,
    RawPageScroll,
    RawTask,
    RawTree,
    RawVoice,
    RawWheel,
    RawWindow,
)
from witting.terms.session import Record, SessionEnd
from witting.terms.tree import UiTree

QUEUE_LIMIT = 20_000
_TREES_REMEMBERED = 16
_READING_S = 2.0  # at the end of a session, for the last pictures to be read; what isn't by then stays masked
_LINGER_S = 0.1
_REST_S = 0.2
_UNSYNCED_NS = 1_000_000_000  # after the last job something may still wait to be written
_OF_CHANGES = frozenset({"damage", "periodic"})

_PARTS_WAYS = (RawWindow, RawLayout, RawPage, RawPageScroll, RawTask, RawKey, Typed, Gap, Topology)  # the pointer's way ends here
RawPlain = RawMove | RawButton | RawWheel | RawWindow | RawLayout | RawPage | RawPageScroll | RawTask | RawClipboard | RawInputSums


@dataclass(frozen=True, slots=True, repr=False)
class ShownPane:
    """A lent window in a picture: where it can be seen, and its trees from before and after."""

    region: tuple[Rect, ...]
    before: RawTree
    after: RawTree


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A grab of one monitor with what is needed to mask it; without panes it is masked wholly."""

    grab: Grab
    reason: FrameReason
    panes: tuple[ShownPane, ...]  # the one in front first, if it is among them
    monitor: int
    area: Rect  # of the monitor


@dataclass(frozen=True, slots=True, repr=False)
class KeptTree:
    """A tree that is to be kept, not only looked at."""

    raw: RawTree


@dataclass(frozen=True, slots=True)
class _Settle:
    """A point in the queue: everything before it is on the disk when `done` is set; with `cut_ns`, without what happened since then."""

    done: threading.Event
    cut_ns: int | None = None


Job = RawPlain | RawVoice | RawKey | Typed | KeptTree | Picture | Gap | Topology | RawHover | InputSettings
STREAM_OF: dict[type, Stream] = {
    RawMove: "pointer", RawButton: "pointer", RawWheel: "pointer", RawWindow: "windows", RawPage: "pages", RawKey: "keys", Typed: "keys",
    KeptTree: "ui_tree", Picture: "screen", RawTask: "windows", RawClipboard: "clipboard", RawVoice: "voice", RawLayout: "windows",
    RawPageScroll: "pages",
    RawKeyRun: "keys", RawCadence: "cadence", RawHover: "pointer", RawHeldButtons: "pointer", RawHeldKeys: "keys",
}  # fmt: skip


class Writer:
    """Redacts and writes one session."""

    def __init__(self, redactor: Redactor, session: SessionWriter, *, clock: Clock, reader: ReadingProcess | None = None) -> None:
        self._redactor = redactor
        self._reader = reader  # what the redactor has pictures read by
        self._session = session
        self._clock = clock
        self._queue: queue.Queue[Job | _Settle | None] = queue.Queue(QUEUE_LIMIT)
        self._refused: GapReason | None = None  # why pictures that wait aren't looked at any more
        self._trees: deque[tuple[RawTree, UiTree]] = deque(maxlen=_TREES_REMEMBERED)
        self.kept: Counter[str] = Counter()  # by stream
        self.failed: Counter[str] = Counter()  # by stream: redaction couldn't finish, or a pause came before it began
        self.forgotten: Counter[str] = Counter()  # by stream: kept once, and taken out again by the participant
        self.not_events: Counter[str] = Counter()  # by stream: keys that mean nothing to a reader, volume keys for instance
        self.pictures_done = 0
        self._shown: dict[int, tuple[Rect, bytes]] = {}  # by monitor: what the last picture of it showed
        self.failure: WittingError | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._urgent = threading.Event()  # don't rest
        self._unsynced_until_ns = 0
        self._on_failure: Callable[[], None] = lambda: None

    def start(self, on_failure: Callable[[], None]) -> None:
        """Begin to work; `on_failure` is called once, from the thread, when it can't go on."""
        self._on_failure = on_failure
        self._thread.start()

    def put(self, job: Job) -> None:
        """Hand a job over.

        Raises:
            CaptureError: the queue is full; the session must end.
        """
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            raise CaptureError(
                "recording fell behind and was stopped", hint="nothing was lost in silence; start a new session", code="fell_behind"
            ) from None
        if isinstance(job, Picture):
            self._urgent.set()

    def settle(self, reason: GapReason) -> None:
        """Return when everything handed over is on the disk; pictures not masked yet become holes, so that this takes a moment only."""
        self._refused = reason
        self._reach(_Settle(threading.Event()))
        self._refused = None

    def forget(self, cut_ns: int) -> None:
        """Take out for good what happened since `cut_ns`; nothing of it is on the disk or in memory when this returns.

        Raises:
            WittingError: it couldn't be done; the session has ended.
        """
        self._refused = "participant_removed"
        self._reach(_Settle(threading.Event(), cut_ns))
        self._refused = None
        if self.failure is not None:
            raise self.failure

    def _reach(self, point: _Settle) -> None:
        if self._reader is not None:
            self._reader.interrupt()
        while self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._queue.put(point, timeout=_LINGER_S)
                break
        self._urgent.set()
        while self._thread.is_alive() and not point.done.wait(_LINGER_S):
            pass

    def finish(self) -> None:
        """Write what was handed over, and end the thread."""
        while self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._queue.put(None, timeout=_LINGER_S)
                self._urgent.set()
                self._thread.join(_READING_S if self._reader is not None else None)
                if self._thread.is_alive() and self._reader is not None:
                    self._reader.give_up()
                    self._thread.join()

    def close(self, end: SessionEnd, lost: Mapping[str, int]) -> None:
        """Close the session, after `finish`; what was lost, by stream, is told as holes.

        Raises:
            StoreFullError: the disk is full.
        """
        if self._session.is_closed:
            return
        for stream in STREAMS:
            if count := lost.get(stream, 0):
                self._session.append(Gap("lost", stream, end.timestamp_ns, end.timestamp_ns, count))
        self._session.close(end)

    @property
    def session_id(self) -> str:
        """The session's opaque name."""
        return self._session.session_id

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return self._queue.qsize()

    def _run(self) -> None:
        self.failure = contained(self._work)
        if self.failure is not None:
            self._on_failure()

    def _work(self) -> None:
        """Work through what is there, then rest a moment: one wake-up for many jobs; pictures, and who waits, aren't kept waiting."""
        while True:
            for job in self._waiting_jobs():
                if job is None:
                    self._keep(self._redactor.end_way())
                    return
                if isinstance(job, _Settle):
                    self._settle(job)
                else:
                    self._do(job)
                    self._unsynced_until_ns = self._clock.monotonic_ns() + _UNSYNCED_NS
            self._session.flush_due(self._clock.monotonic_ns())
            self._urgent.wait(_REST_S)
            self._urgent.clear()

    def _waiting_jobs(self) -> Iterator[Job | _Settle | None]:
        """Yield what waits; with nothing on its way to the disk either, sleep until something comes."""
        with contextlib.suppress(queue.Empty):
            if self._clock.monotonic_ns() > self._unsynced_until_ns:
                yield self._queue.get()
            while True:
                yield self._queue.get_nowait()

    @property
    def unread(self) -> int:
        """How many places in pictures stayed masked because there was no time to read them."""
        return 0 if self._reader is None else self._reader.unread + self._reader.refused

    @property
    def reduced(self) -> Counter[str]:
        """By stream, what became part of a coarser record that is kept."""
        return Counter(pointer=self._redactor.reduced)

    def _settle(self, point: _Settle) -> None:
        self._keep(self._redactor.end_way())
        if self._reader is not None:
            self._reader.forget()  # what it read of the last pictures is gone while nothing is recorded
        if point.cut_ns is not None:
            removed = self._session.forget(point.cut_ns)
            self.kept -= removed.kept
            self.forgotten += removed.kept
            self._trees.clear()
            self._redactor.forget(tiles=removed.tiles_left, placeholders=removed.placeholders_left)
            self._shown.clear()
        self._session.flush()
        point.done.set()

    def _do(self, job: Job) -> None:
        if isinstance(job, Picture) and self._refused is not None:
            self.pictures_done += 1
            self.failed["screen"] += 1
            self._session.append(Gap(self._refused, "screen", job.grab.began_ns, job.grab.began_ns))
            return
        try:
            records = self._redacted(job)
        except RedactionError:
            stream = STREAM_OF[type(job)]
            at_ns = _time_of(job)
            self.failed[stream] += 1
            records = [Gap("redaction_failed", stream, at_ns, at_ns)]
        finally:
            self.pictures_done += isinstance(job, Picture)
        self._keep([*(self._redactor.end_way() if isinstance(job, _PARTS_WAYS) else ()), *records])

    def _keep(self, records: Sequence[Record]) -> None:
        for record in records:
            self._session.append(record)
            if (stream_kept := stream_of(record)) is not None:
                self.kept[stream_kept] += 1
            for name in ("timestamp_ns", "end_ns") if isinstance(record, TextInput) else ("timestamp_ns",):
                if not isinstance(record, PointerPath) and (at_ns := getattr(record, name, None)) is not None:
                    self._redactor.note(at_ns)

    def _redacted(self, job: Job) -> Sequence[Record]:
        match job:
            case Gap() | Topology() | InputSettings():
                return [job]
            case Picture():
                return self._picture(job)
            case RawVoice():
                return self._redactor.voice(job)
            case RawMove() | RawButton() | RawWheel():
                return self._redactor.pointer(job)
            case KeptTree():
                found: Record | None = self._tree(job.raw)
            case Typed():
                found = self._redactor.typed(job.text, job.from_ns, end_ns=job.to_ns, is_secure=False, is_uncertain=job.is_uncertain)
            case RawHover():
                found = self._redactor.hover(job, self._tree(job.tree) if job.tree is not None else None)
            case RawKey():
                found = self._redactor.key(job)
            case _:
                found = self._redactor.event(job)
        if found is None and not isinstance(job, RawHover):
            self.not_events[STREAM_OF[type(job)]] += 1
        return [] if found is None else [found]

    def _picture(self, job: Picture) -> Sequence[Record]:
        """Return a picture with its new tiles; one of changes that shows nothing new is none."""
        taken_ns = _time_of(job)
        panes = [self._pane(pane, taken_ns) for pane in job.panes]
        first = panes[0] if panes else Pane((), (), ())
        pixels = job.grab.rgb(job.area)
        raw = RawFrame(taken_ns, job.reason, pixels, first.region, monitor=job.monitor, area=job.area)
        frame, tiles = self._redactor.frame(raw, first.before, trees_after=first.after, others=panes[1:])
        is_same = self._shown.get(job.monitor) == (job.area, frame.tiles)
        self._shown[job.monitor] = (job.area, frame.tiles)
        if is_same and not tiles and job.reason in _OF_CHANGES:
            self.not_events["screen"] += 1
            return []
        return [*tiles, frame]

    def _pane(self, pane: ShownPane, taken_ns: int) -> Pane:
        before = self._restamped(pane.before, min(pane.before.timestamp_ns, taken_ns))
        return Pane(pane.region, [before], [self._restamped(pane.after, max(pane.after.timestamp_ns, taken_ns))])

    def _restamped(self, raw: RawTree, timestamp_ns: int) -> UiTree:
        return msgspec.structs.replace(self._tree(raw), timestamp_ns=timestamp_ns)

    def _tree(self, raw: RawTree) -> UiTree:
        """Redact a tree once; the same nodes are not looked at again."""
        for known, redacted in self._trees:
            if known is raw:
                return redacted
        same = next(
            (pair for pair in self._trees if pair[0].nodes == raw.nodes and pair[0].url == raw.url and pair[0].app == raw.app), None
        )
        redacted = self._redactor.tree(raw) if same is None else msgspec.structs.replace(same[1], timestamp_ns=raw.timestamp_ns)
        self._trees.append((raw, redacted))
        return redacted


def _time_of(job: Job) -> int:
    match job:
        case Picture():
            return job.grab.began_ns + max(0, job.monitor)  # pictures of one grab have times of their own
        case KeptTree():
            return job.raw.timestamp_ns
        case Typed() | Gap():
            return job.from_ns
    return job.timestamp_ns
