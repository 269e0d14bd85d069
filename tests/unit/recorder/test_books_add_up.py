"""Whatever happens in whatever order, what was produced is what was kept and what holes tell of: pauses, forgetting, withdrawal too."""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from recorder_ground import PROGRAMME, SITE, clock_now, receipt

from witting.device.privacy import RedactionError, Redactor
from witting.device.recorder import pipeline as piping
from witting.device.recorder.focus import FocusHistory
from witting.device.recorder.fronts import Fronts
from witting.device.recorder.holds import Holds
from witting.device.recorder.lending import Lending
from witting.device.recorder.pipeline import Pipeline
from witting.device.recorder.writer import Writer
from witting.device.spool.cutting import Cut
from witting.device.spool.writer import stream_of
from witting.terms.codec import decode_record, encode_record
from witting.terms.errors import CaptureError
from witting.terms.events import Gap
from witting.terms.geometry import Rect
from witting.terms.raw import RawButton, RawKey, RawMove, RawPage, RawTask, RawWheel, RawWindow
from witting.testing.sample_session import sample_header

MS = 1_000_000
APPS = ("mousepad", "xterm", "chromium")


class Session:
    """A session in memory that can be cut as the one on the disk is."""

    session_id = "5e" * 16
    is_closed = False

    def __init__(self, clock) -> None:
        self.records = [sample_header(self.session_id)]
        self.clock = clock

    def append(self, record) -> None:
        """Take a record."""
        self.records.append(record)

    def flush(self) -> None:
        """Nothing waits here."""

    def flush_due(self, now_ns: int) -> None:
        """Nothing waits here."""

    def forget(self, from_ns: int):
        """Cut what happened since."""
        data = [encode_record(record) for record in self.records]
        cut = Cut(lambda: iter(data), from_ns, to_ns=self.clock.monotonic_ns())
        self.records = [decode_record(framed[4:]) for framed in cut.records()]
        return cut.removed


class Moody(Redactor):
    """A redactor that refuses now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.is_moody = False

    def typed(self, *args, **kwargs):
        """Fail, if it is in the mood."""
        if self.is_moody:
            raise RedactionError("a detector failed")
        return super().typed(*args, **kwargs)


class Books(RuleBasedStateMachine):
    """Real pipeline, holds and writer over a session in memory; items as sources give them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = clock_now()
        self.lending = Lending(
            [receipt(self.clock, streams=("pointer", "keys", "windows", "pages"))], PROGRAMME, purposes=(), clock=self.clock
        )
        self.fronts, self.focus = Fronts(self.lending.is_browser), FocusHistory()
        self.session, self.redactor = Session(self.clock), Moody()
        self.writer = Writer(self.redactor, self.session, clock=self.clock)
        self.pipeline = Pipeline(self.lending, self.fronts, focus=self.focus, sink=self)
        self.holds = Holds(self.lending.streams)
        self.is_over = False

    def put(self, job) -> None:
        """Redact and keep at once, as the thread does a moment later."""
        self.writer._do(job)

    def take(self, item, **how) -> None:
        """Take an item of a source, if any is open."""
        if self.holds.leading is None and not self.is_over:
            self.pipeline.hold(item, self.clock.monotonic_ns(), **how)

    @rule(app=st.sampled_from(APPS), number=st.integers(1, 3))
    def window(self, app, number) -> None:
        """Another window comes to the front."""
        now = self.clock.monotonic_ns()
        shown = RawWindow(now, app, "Total", number, Rect(0, 0, 100, 100))
        self.fronts.show_window(shown)
        self.focus.forget(now)
        self.take(shown)

    @rule(is_secure=st.booleans())
    def field(self, is_secure) -> None:
        """The focus is known to be in a field."""
        self.focus.note(self.clock.monotonic_ns(), "field", is_secure=is_secure)

    @rule(text=st.text("ab ", min_size=1, max_size=6), is_elsewhere=st.booleans())
    def type_text(self, text, is_elsewhere) -> None:
        """Keys are pressed."""
        for letter in text:
            self.clock.advance(seconds=0.01)
            self.take(RawKey(self.clock.monotonic_ns(), letter, letter, pressed=True), is_elsewhere=is_elsewhere)

    @rule(name=st.sampled_from(["Return", "Tab", "XF86_AudioMute", "Shift_L"]))
    def press(self, name) -> None:
        """A key that makes no text."""
        self.take(RawKey(self.clock.monotonic_ns(), name, "", pressed=True))

    @rule(owner=st.sampled_from([(1, "mousepad"), (2, "xterm"), (0, "")]), what=st.sampled_from(["move", "down", "up", "wheel"]))
    def pointer(self, owner, what) -> None:
        """The pointer does something."""
        now = self.clock.monotonic_ns()
        items = {
            "move": RawMove(now, 1, 1), "down": RawButton(now, 1, 1, 1, pressed=True), "up": RawButton(now, 1, 1, 1, pressed=False),
            "wheel": RawWheel(now, 1, 1, 0, 1),
        }  # fmt: skip
        self.take(items[what], owner=owner)

    @rule(url=st.sampled_from([f"{SITE}/a", "https://other.example.org/"]), what=st.sampled_from(["navigation", "form", "left"]))
    def page(self, url, what) -> None:
        """A page says something."""
        shown = RawPage(self.clock.monotonic_ns(), url, "Total", 7, is_private=False, what=what)
        self.fronts.show_page(shown)
        self.fronts.bind(7, shown.timestamp_ns)
        self.take(shown)

    @rule()
    def task(self) -> None:
        """A task is stated."""
        self.take(RawTask(self.clock.monotonic_ns(), "begin", "Book a train"))

    @rule(ms=st.sampled_from([5, 60, 160, 2500, 40_000]))
    def time(self, ms) -> None:
        """Time passes, and what is due is judged."""
        self.clock.advance(seconds=ms / 1000)
        if self.holds.leading is None and not self.is_over:
            self.pipeline.release(self.clock.monotonic_ns())

    @rule(is_moody=st.booleans())
    def mood(self, is_moody) -> None:
        """Redaction fails from now on, or works."""
        self.redactor.is_moody = is_moody

    @rule(reason=st.sampled_from(["person", "locked", "quiet_hours"]))
    def hold_back(self, reason) -> None:
        """Something holds recording back."""
        if not self.is_over and self.holds.put(reason, self.clock.monotonic_ns()):
            self.pipeline.release_all()

    @rule(reason=st.sampled_from(["person", "locked", "quiet_hours"]))
    def let_go(self, reason) -> None:
        """It doesn't any more."""
        for gap in self.holds.lift(reason, self.clock.monotonic_ns()):
            self.put(gap)
        if self.holds.leading is None:
            self.pipeline.end_holes()

    @rule(seconds=st.sampled_from([1, 30, 10_000]))
    def forget(self, seconds) -> None:
        """The last seconds are forgotten."""
        if not self.is_over:
            self.pipeline.forget()
            self.writer._keep(self.redactor.end_way())
            removed = self.session.forget(self.clock.monotonic_ns() - seconds * 1_000_000_000)
            self.writer.kept -= removed.kept
            self.writer.forgotten += removed.kept
            self.redactor.forget(tiles=removed.tiles_left, placeholders=removed.placeholders_left)

    @rule()
    def withdraw(self) -> None:
        """Consent ends in the midst of it."""
        if not self.is_over:
            self.lending.end()
            self.pipeline.release_all()
            self.is_over = True

    @invariant()
    def the_counts_add_up(self) -> None:
        """Produced = kept + what holes tell of + what became part of a way, told or not; and the records say the same as the counts."""
        produced = self.pipeline.tally.produced - self.writer.not_events
        gapped = self.pipeline.tally.gapped + self.writer.failed + self.writer.forgotten
        assert produced == self.writer.kept + gapped + self.writer.reduced + Counter(pointer=int(self.redactor.is_on_the_way))
        kept = Counter(stream for record in self.session.records if (stream := stream_of(record)) is not None)
        assert kept == +self.writer.kept

    def teardown(self) -> None:
        """Close the books: every item that isn't kept is told of by exactly one hole."""
        self.pipeline.release_all()
        self.pipeline.end_holes()
        self.writer._keep(self.redactor.end_way())
        told = Counter()
        for record in self.session.records:
            if isinstance(record, Gap):
                told[record.stream] += record.count
        assert +told == +(self.pipeline.tally.gapped + self.writer.failed + self.writer.forgotten)


Books.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBooks = Books.TestCase


def test_too_much_that_waits_ends_the_session_by_name(monkeypatch):
    """What is held until it is judged has a bound too, and reaching it is said."""
    books = Books()
    monkeypatch.setattr(piping, "HELD_LIMIT", 3)
    for _ in range(3):
        books.take(RawMove(books.clock.monotonic_ns(), 1, 1))
    with pytest.raises(CaptureError, match="too much waits") as caught:
        books.take(RawMove(books.clock.monotonic_ns(), 1, 1))
    assert caught.value.code == "held_full"
