"""A lending, fronts and focus in memory, with a sink that remembers what was handed on."""

from datetime import timedelta

from witting.consent.programme import programme_digest
from witting.device.recorder.focus import FocusHistory
from witting.device.recorder.fronts import Fronts
from witting.device.recorder.lending import Lending
from witting.device.recorder.pipeline import Pipeline
from witting.terms.clock import rfc3339
from witting.terms.consent import ConsentReceipt, Grant
from witting.terms.events import STREAMS
from witting.terms.geometry import Rect
from witting.terms.raw import RawWindow
from witting.testing.clock import FakeClock
from witting.testing.lender import lent_programme

SITE = "https://forms.example.org"
PROGRAMME = lent_programme({"mousepad": (), "chromium": (SITE,)})


def clock_now() -> FakeClock:
    """Return a clock that stands within the programme's dates."""
    from datetime import UTC, datetime

    return FakeClock(start=datetime.now(UTC).replace(microsecond=0), elapsed_ns=10_000_000_000)


def receipt(clock: FakeClock, *, streams=STREAMS, apps=("mousepad", "chromium"), **changes) -> ConsentReceipt:
    """Return a receipt given an hour ago for these streams of these apps."""
    fields = {
        "schema_version": "ISO/IEC TS 27560:2023", "receipt_id": "r1", "participant": "p", "participant_key": b"k" * 32,
        "programme_id": PROGRAMME.id, "programme_version": PROGRAMME.version, "programme_digest": programme_digest(PROGRAMME),
        "notice_digest": "n", "language": "en", "jurisdiction": "DE", "legal_basis": "consent", "controller": "c",
        "controller_contact": "c",
        "recipients": (), "withdrawal_method": "w", "retention_days": 1, "status": "given",
        "grants": tuple(Grant("train", stream, app) for stream in streams for app in apps),
        "given_at": rfc3339(clock.now() - timedelta(hours=1)), "expires_at": rfc3339(clock.now() + timedelta(days=30)),
    }  # fmt: skip
    return ConsentReceipt(**(fields | changes))


class Ground:
    """A pipeline with everything around it in memory."""

    def __init__(self, *, streams=STREAMS) -> None:
        self.clock = clock_now()
        self.lending = Lending([receipt(self.clock, streams=streams)], PROGRAMME, purposes=(), clock=self.clock)
        self.fronts = Fronts(self.lending.is_browser)
        self.focus = FocusHistory()
        self.jobs: list[object] = []
        self.pipeline = Pipeline(self.lending, self.fronts, focus=self.focus, sink=self)

    def put(self, job: object) -> None:
        """Take a job."""
        self.jobs.append(job)

    def front(self, app: str, at_ns: int, *, number: int = 1) -> RawWindow:
        """Bring an app's window to the front."""
        window = RawWindow(at_ns, app, f"title of {app}", number, Rect(0, 0, 100, 100))
        before = self.fronts.now.place
        self.fronts.show_window(window)
        if self.fronts.now.place != before:
            self.focus.forget(at_ns)
        return window

    def finish(self) -> list[object]:
        """Judge everything, end the holes, and return what was handed on."""
        self.pipeline.release_all()
        self.pipeline.end_holes()
        return self.jobs
