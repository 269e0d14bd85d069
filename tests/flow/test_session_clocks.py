"""Each session leaves on a clock of its own: what lay between its records stays, where the machine's clock stood doesn't."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.sending import send_session
from witting.device.shifting import MINUTE_NS, shifted
from witting.terms.codec import frame_record
from witting.terms.events import Cadence, Gap, KeyRun, PointerPath
from witting.terms.review import DropRange
from witting.terms.session import Record, SessionHeader
from witting.testing import participant
from witting.testing.participant import SESSION, Participant
from witting.testing.sample_session import sample_header, sample_records

SECOND = 1_000_000_000
LATER_NS = 77 * 3600 * SECOND  # so long the machine had run
NAMES = ("timestamp_ns", "end_ns", "from_ns", "to_ns", "started_ns")


def moved(record: Record, by_ns: int) -> Record:
    """Return a record as a machine that had run for so much longer makes it."""
    return msgspec.structs.replace(record, **{name: getattr(record, name) + by_ns for name in NAMES if name in record.__struct_fields__})


@pytest.fixture
def header() -> SessionHeader:
    """Return a session's header that begins a second into its minute."""
    return SessionHeader(SESSION, "p", "d", "r", ("train",), ("pointer",), "2026-11-24T06:00:00Z", SECOND)


@given(st.integers(0, 10**6), st.integers(0, 59_999), st.lists(st.integers(0, 10**13), max_size=6))
def test_what_lies_between_stays(minutes: int, milliseconds: int, offsets: list[int]) -> None:
    """However long the machine ran, the session begins within a minute, and every distance in it is what it was."""
    began = minutes * MINUTE_NS + milliseconds * 1_000_000
    header = SessionHeader(SESSION, "p", "d", "r", ("train",), ("pointer",), "2026-11-24T06:00:00Z", began)
    records = [header, *(Gap("paused", "keys", began + offset, began + 2 * offset) for offset in offsets)]
    first, *gaps = shifted(records)
    assert isinstance(first, SessionHeader)
    assert 0 <= first.started_ns < MINUTE_NS
    assert first.started_ns % 1_000_000 == began % 1_000_000
    spans = [(gap.from_ns, gap.to_ns) for gap in gaps if isinstance(gap, Gap)]
    assert spans == [(first.started_ns + one, first.started_ns + 2 * one) for one in offsets]


def test_grids_hold(header: SessionHeader) -> None:
    """Coarse times stay on their grids: quarter seconds, whole seconds, whole minutes."""
    began = msgspec.structs.replace(header, started_ns=61 * MINUTE_NS + 123)
    records = [
        began,
        PointerPath(61 * MINUTE_NS + SECOND // 4, 0, "direct"),
        KeyRun(61 * MINUTE_NS + SECOND, 61 * MINUTE_NS + 9 * SECOND, 1, 0, 0, 0, 0),
        Cadence(62 * MINUTE_NS, 63 * MINUTE_NS, 50, (1,)),
    ]
    _, path, run, cadence = shifted(records)
    assert (path.timestamp_ns, run.end_ns, cadence.timestamp_ns) == (SECOND // 4, 9 * SECOND, MINUTE_NS)  # type: ignore[union-attr]


def test_nothing_is_before_zero_and_nothing_is_lost(header: SessionHeader) -> None:
    """A record from before the session's first minute is told at zero; records without a header stay as they are."""
    late = msgspec.structs.replace(header, started_ns=5 * MINUTE_NS)
    early = Gap("paused", "keys", 0, 6 * MINUTE_NS)
    assert shifted([late, early])[1] == Gap("paused", "keys", 0, MINUTE_NS)
    assert shifted([early]) == [early]


@pytest.mark.promise("P9")
def test_two_machines_send_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work on a machine that just started and on one that ran for three days: the hub holds the same, marks applied alike."""
    told = []
    for by_ns in (0, LATER_NS):
        world = Participant(tmp_path / f"device{by_ns}")
        enrolment = world.join()

        def header(*arguments: str, by_ns: int = by_ns, **options: str) -> SessionHeader:
            """Begin the sample on that machine."""
            begun = moved(sample_header(*arguments, **options), by_ns)
            assert isinstance(begun, SessionHeader)
            return begun

        def records(begun: SessionHeader, *, frames: int = 3, by_ns: int = by_ns) -> Iterator[Record]:
            """Record the sample on that machine."""
            for record in sample_records(begun, frames=frames):
                yield moved(record, by_ns)

        monkeypatch.setattr(participant, "sample_header", header)
        monkeypatch.setattr(participant, "sample_records", records)
        spool = world.record(enrolment)
        spool.add_mark(SESSION, DropRange(mark_id="d", from_ns=3 * SECOND, to_ns=5 * SECOND))
        shown = world.see(enrolment)
        send_session(enrolment, SESSION, hub=world.hub.client())
        assert world.hub.content(SESSION) == b"".join(map(frame_record, shown))
        assert any(isinstance(one, Gap) and one.reason == "participant_removed" for one in shown)
        told.append(shown[1:])
    assert told[0] == told[1]
