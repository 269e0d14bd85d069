"""The far end of the recorder: only what was redacted reaches the spool, and what goes wrong has a name."""

import threading

import numpy as np
import pytest
from recorder_ground import clock_now

from witting.device.capture.screen import Grab
from witting.device.privacy import RedactionError, Redactor
from witting.device.recorder import writer as writing
from witting.device.recorder.boundary import contained
from witting.device.recorder.typist import Typed
from witting.device.recorder.writer import KeptTree, Picture, ShownPane, Writer
from witting.terms.errors import CaptureError, StoreFullError
from witting.terms.events import Frame, Gap, Key, PointerPath, TextInput
from witting.terms.geometry import Rect
from witting.terms.raw import RawButton, RawKey, RawMove, RawNode, RawTree
from witting.terms.session import SessionEnd
from witting.terms.tree import UiTree

CANARY = "Thistledown-4711"
END = SessionEnd(timestamp_ns=9, reason="stopped")


class Kept:
    """A session that remembers what it was given; `full_at` records in, the disk is full."""

    session_id = "5e" * 16

    def __init__(self, full_at: int = 10**6) -> None:
        self.records: list[object] = []
        self.full_at = full_at
        self.is_closed = False

    def append(self, record: object) -> None:
        """Take a record."""
        if len(self.records) >= self.full_at:
            self.is_closed = True
            raise StoreFullError("the disk is full", hint="make room")
        self.records.append(record)

    def flush_due(self, now_ns: int) -> None:
        """Nothing waits here."""

    def close(self, end: SessionEnd) -> None:
        """Take the end."""
        self.records.append(end)
        self.is_closed = True


class Refusing(Redactor):
    """A redactor that fails, in a way that it knows or in one that nobody expected."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def typed(self, *_: object, **__: object):
        """Fail."""
        raise self.error


def written(*jobs: object, session: Kept | None = None, redactor: Redactor | None = None) -> tuple[Kept, Writer]:
    """Return what a writer made of jobs."""
    kept = session or Kept()
    writer = Writer(redactor or Redactor(), kept, clock=clock_now())
    for job in jobs:
        writer.put(job)
    writer.start(lambda: None)
    writer.finish()
    return kept, writer


def tree(at_ns: int, *names: str) -> RawTree:
    """Return a tree of texts on the screen's left."""
    nodes = tuple(RawNode(i, -1, "text", name, box=Rect(0, 20 * i, 60, 20)) for i, name in enumerate(names))
    return RawTree(at_ns, "page", "chromium", "https://forms.example.org/", nodes)


def picture(before: RawTree | None, after: RawTree | None) -> Picture:
    """Return a white picture whose whole area is lent."""
    grab = Grab(100, 110, np.full((64, 128, 4), 255, np.uint8))
    panes = (ShownPane((Rect(0, 0, 128, 64),), before, after),) if before and after else ()
    return Picture(grab, "damage", panes, 0, Rect(0, 0, 128, 64))


def test_items_are_redacted_in_order_and_counted_by_stream():
    """What was handed over comes out in its order, as redacted types, with the counts that the books need."""
    kept, writer = written(RawMove(1, 2, 3), RawMove(2, 2, 4), Typed("please", 4, 5), RawKey(6, "Return", "", pressed=True))
    assert [type(record) for record in kept.records] == [PointerPath, TextInput, Key]
    assert writer.kept == {"pointer": 1, "keys": 2}
    assert writer.reduced == {"pointer": 1}


def test_a_key_that_means_nothing_to_a_reader_is_no_event():
    """A volume key is neither kept nor a hole."""
    kept, writer = written(RawKey(6, "XF86_AudioMute", "", pressed=True))
    assert kept.records == []
    assert writer.not_events == {"keys": 1}


@pytest.mark.promise("P8")
def test_what_the_redactor_refuses_becomes_a_hole():
    """Redaction that can't finish costs the item, and says so."""
    kept, writer = written(Typed(CANARY, 4, 5), RawMove(6, 1, 1), redactor=Refusing(RedactionError("a detector failed")))
    assert kept.records == [Gap("redaction_failed", "keys", 4, 4), PointerPath(0, 0, "direct")]
    assert writer.failed == {"keys": 1}


@pytest.mark.promise("P29")
def test_an_error_nobody_expected_ends_the_session_without_its_words():
    """The message of an unknown error may hold what was captured, so only its type and place are told."""
    kept, writer = written(Typed(CANARY, 4, 5), RawMove(6, 1, 1), redactor=Refusing(ValueError(CANARY)))
    assert kept.records == []
    assert isinstance(writer.failure, CaptureError)
    assert "ValueError" in str(writer.failure)
    assert CANARY not in f"{writer.failure} {writer.failure.hint} {writer.failure.__cause__} {writer.failure.__context__}"


def test_a_full_disk_ends_the_session_with_its_name():
    """A spool that can take no more is told to the loop, and closing afterwards is harmless."""
    woken = threading.Event()
    session = Kept(full_at=1)
    writer = Writer(Redactor(), session, clock=clock_now())
    writer.start(woken.set)
    writer.put(RawButton(1, 1, 1, 1, pressed=True))
    writer.put(RawButton(2, 1, 1, 1, pressed=False))
    assert woken.wait(5)
    writer.finish()
    writer.close(END, {})
    assert isinstance(writer.failure, StoreFullError)


def test_a_queue_that_is_full_is_said_not_swallowed(monkeypatch):
    """Falling behind ends the session by name instead of dropping events in silence."""
    monkeypatch.setattr(writing, "QUEUE_LIMIT", 3)
    writer = Writer(Redactor(), Kept(), clock=clock_now())
    for i in range(3):
        writer.put(RawMove(i, 0, 0))
    with pytest.raises(CaptureError, match="fell behind"):
        writer.put(RawMove(4, 0, 0))


def test_what_was_lost_is_told_before_the_end():
    """Items that were produced and neither kept nor told of become a hole named lost."""
    kept, writer = written(RawMove(1, 1, 1))
    writer.close(END, {"pointer": 2})
    assert kept.records[-2:] == [Gap("lost", "pointer", 9, 9, 2), END]


def test_a_tree_seen_twice_is_redacted_once(monkeypatch):
    """The same nodes aren't looked at again, and each tree keeps its own time."""
    calls = []
    redactor = Redactor()
    real = redactor.tree
    monkeypatch.setattr(redactor, "tree", lambda raw: calls.append(raw) or real(raw))
    kept, _ = written(KeptTree(tree(1, "Total")), KeptTree(tree(2, "Total")), KeptTree(tree(3, "Sum")), redactor=redactor)
    assert len(calls) == 2
    assert [record.timestamp_ns for record in kept.records if isinstance(record, UiTree)] == [1, 2, 3]


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [(tree(50, "Total"), tree(150, "Total"), True), (tree(50, "Total"), None, False), (None, tree(150, "Total"), False),
     (None, None, False), (tree(50, "Total"), tree(150, "Secret"), False)],
)  # fmt: skip
def test_a_picture_shows_something_only_with_the_same_tree_on_both_sides(before, after, shown):
    """Without a tree from before and one from after, or with two that differ, every pixel stays masked."""
    kept, _ = written(picture(before, after))
    (frame,) = [record for record in kept.records if isinstance(record, Frame)]
    assert (frame.masked_share < 1.0) == shown


@pytest.mark.promise("P29")
def test_a_known_error_passes_the_boundary_as_it_is():
    """What was raised on purpose already says what to do; success is silence."""
    error = CaptureError("gone", hint="start again")

    def fail() -> None:
        raise error

    assert contained(fail) is error
    assert contained(lambda: None) is None
