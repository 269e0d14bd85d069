"""What holds of the spool whatever is done to it: cuts, flipped bits, any order of deeds."""

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from witting.device.spool import Spool
from witting.device.spool.disk import write_private
from witting.ledger.seals import KeyStore
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.events import Gap, PointerMove, TextInput
from witting.terms.findings import Finding
from witting.terms.review import DropRange
from witting.terms.session import Record, SessionEnd, SessionHeader
from witting.testing.sample_session import sample_header, sample_records

SESSION = "5e" * 16
SECRET = "one-of-a-kind-text"
TIMES = st.integers(0, 2**53)
RECORDS = st.one_of(
    st.builds(PointerMove, TIMES, st.integers(-10_000, 10_000), st.integers(-10_000, 10_000)),
    st.builds(TextInput, TIMES, TIMES, st.text(max_size=50), st.just((Finding("name", 0, 1, 0.5, "x"),))),
    st.builds(Gap, st.just("paused"), st.sampled_from(["pointer", "keys", "screen"]), TIMES, TIMES, st.integers(1, 99)),
)


Recorded = tuple[list[Record], Spool, Path, bytes]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Return what was recorded in several segments, its spool, the session's file, and that file's bytes."""
    folder = tmp_path_factory.mktemp("recorded")
    spool = Spool(folder, KeyStore(folder / "keys"))
    header, *rest, end = sample_records(sample_header(SESSION), frames=2)
    writer = spool.open_session(header)
    for number, record in enumerate(rest):
        writer.append(record)
        if number % 4 == 0:
            writer.flush()
    assert isinstance(end, SessionEnd)
    writer.close(end)
    path = folder / "spool" / f"{SESSION}.session"
    return [header, *rest, end], spool, path, path.read_bytes()


def read_all(spool: Spool) -> tuple[list[Record], str]:
    """Return what can be read and how it ended, `refused` when the spool says that it was tampered with."""
    got: list[Record] = []
    try:
        for record in spool.read(SESSION):
            got.append(record)  # noqa: PERF402 - what came before an error counts
    except IntegrityError:
        return got, "refused"
    return got, spool.endings[SESSION]


@given(data=st.data())
def test_a_file_cut_anywhere_reads_up_to_the_cut(recorded: Recorded, data: st.DataObject) -> None:
    """Whatever byte a crash ends a file at, what is read is the beginning of what was recorded, and nobody calls it whole."""
    written, spool, path, whole = recorded
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    got, ending = read_all(spool)
    assert got == written[: len(got)]
    assert ending in {"torn", "open", "refused"}


@pytest.mark.promise("P11")
@given(data=st.data())
def test_a_bit_flipped_anywhere_is_noticed(recorded: Recorded, data: st.DataObject) -> None:
    """One changed bit, wherever it lies, lets no record through that wasn't recorded, and the session is never called whole."""
    written, spool, path, whole = recorded
    changed = bytearray(whole)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(changed)
    got, ending = read_all(spool)
    assert got == written[: len(got)]
    assert ending != "closed"


@given(data=st.data())
def test_segments_in_another_order_are_noticed(recorded: Recorded, data: st.DataObject) -> None:
    """Bytes moved from one place of a file to another put no record where it wasn't."""
    written, spool, path, whole = recorded
    first, middle, last = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 3)))
    moved = whole[:first] + whole[middle:last] + whole[first:middle] + whole[last:]
    path.write_bytes(moved)
    got, ending = read_all(spool)
    assert got == written[: len(got)]
    assert (ending == "closed") is (moved == whole)


@settings(max_examples=60)
@given(records=st.lists(RECORDS, max_size=30), flushes=st.sets(st.integers(0, 30)))
def test_any_records_come_back_as_they_were(records: list[Record], flushes: set[int]) -> None:
    """Whatever is appended and wherever it is flushed, it reads back equal and in order."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), KeyStore(Path(folder) / "keys"))
        header, end = sample_header(SESSION), SessionEnd(timestamp_ns=1, reason="stopped")
        writer = spool.open_session(header)
        for number, record in enumerate(records):
            writer.append(record)
            if number in flushes:
                writer.flush()
        writer.close(end)
        assert read_all(spool) == ([header, *records, end], "closed")


@pytest.mark.parametrize("name", ["a session", "../up", "a.b", "a/b", "", "\0", "a\n", "é-"])
def test_no_id_names_a_file_elsewhere(tmp_path: Path, name: str) -> None:
    """Whatever isn't letters and digits is refused by every verb that takes an id, and nothing is made on the disk."""
    spool = Spool(tmp_path, KeyStore(tmp_path / "keys"))
    before = sorted(tmp_path.rglob("*"))
    for deed in (
        lambda: spool.info(name),
        lambda: list(spool.read(name)),
        lambda: spool.marks(name),
        lambda: spool.add_mark(name, DropRange(mark_id="m", from_ns=0, to_ns=1)),
        lambda: spool.remove_mark(name, "m"),
        lambda: spool.open_session(msgspec.structs.replace(sample_header(SESSION), session_id=name)),
    ):
        with pytest.raises(UsageError):
            deed()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_private_file_is_the_old_one_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails while marks are written, the old marks are still there, whole."""
    from witting.device.spool import disk

    path = tmp_path / "marks"
    write_private(path, b"old and whole")

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk.os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old and whole"


def test_a_long_session_is_cut_in_pieces_that_are_all_there(tmp_path: Path) -> None:
    """A session of many segments is written anew whole up to the cut, in order, whatever its length."""
    spool = Spool(tmp_path, KeyStore(tmp_path / "keys"))
    second = 10**9
    records = [TextInput(second * number, second * number, f"{number:05} " + "x" * 1000) for number in range(1, 1001)]
    writer = spool.open_session(sample_header(SESSION))
    for record in records:
        writer.append(record)
    writer.forget(second * 700)
    writer.close(SessionEnd(timestamp_ns=1, reason="stopped"))
    assert [record for record in spool.read(SESSION) if isinstance(record, TextInput)] == records[:699]


class SpoolMachine(RuleBasedStateMachine):
    """Any order of recording, marking, forgetting and pruning, beside a model of what must be there."""

    live = Bundle("live")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.spool = Spool(self.path, KeyStore(self.path / "keys"))
        self.expected: dict[str, list[Record]] = {}
        self.marks: dict[str, list[str]] = {}
        self.made = 0

    def teardown(self) -> None:
        """Remove the folder."""
        self.folder.cleanup()

    @rule(target=live, records=st.lists(RECORDS, max_size=4))
    def record(self, records: list[Record]) -> str:
        """Record a session."""
        self.made += 1
        header: SessionHeader = sample_header(f"{self.made:032x}")
        secret, end = TextInput(1, 2, SECRET), SessionEnd(timestamp_ns=3, reason="stopped")
        writer = self.spool.open_session(header)
        for record in (secret, *records):
            writer.append(record)
        writer.close(end)
        self.expected[header.session_id] = [header, secret, *records, end]
        self.marks[header.session_id] = []
        return header.session_id

    @rule(session=live)
    def mark(self, session: str) -> None:
        """Mark a range to be dropped."""
        name = f"mark{len(self.marks[session])}"
        self.spool.add_mark(session, DropRange(mark_id=name, from_ns=0, to_ns=1))
        self.marks[session].append(name)

    @rule(session=live)
    def unmark(self, session: str) -> None:
        """Take the first mark back."""
        if self.marks[session]:
            assert self.spool.remove_mark(session, self.marks[session].pop(0))

    @rule(session=consumes(live))
    def forget(self, session: str) -> None:
        """Forget a session."""
        assert self.spool.forget(session)
        assert not self.spool.forget(session)
        del self.expected[session], self.marks[session]
        with pytest.raises(UsageError):
            self.spool.info(session)
        with pytest.raises(UsageError):
            list(self.spool.read(session))

    @rule()
    def prune(self) -> None:
        """Prune; nothing of a forgotten session is left on the disk."""
        self.spool.prune()
        assert {path.stem for path in (self.path / "spool").iterdir()} == set(self.expected)
        assert self.spool.prune() == 0

    @rule()
    def open_again(self) -> None:
        """Open the spool anew, as the next process does."""
        self.spool = Spool(self.path, KeyStore(self.path / "keys"))

    @invariant()
    def what_is_there_is_what_was_recorded(self) -> None:
        """The list, the records and the marks are those of the model; no text is plain on the disk."""
        assert {info.session_id for info in self.spool.sessions()} == set(self.expected)
        assert self.spool.damaged() == ()
        for session, records in self.expected.items():
            assert list(self.spool.read(session)) == records
            assert [mark.mark_id for mark in self.spool.marks(session)] == self.marks[session]
        assert not [path for path in self.path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


@pytest.mark.promise("P11", "P13")
class TestSpoolInAnyOrder(SpoolMachine.TestCase):
    """In any order of deeds, what was recorded is read back, and what was forgotten is gone."""

    settings = settings(max_examples=25, stateful_step_count=15)
