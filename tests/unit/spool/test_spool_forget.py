"""Forgetting the last minutes of a session: gone for good, all of them or none, with a hole in place that adds up."""

import gc
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.spool import Spool, renewing, stream_of
from witting.device.spool.cutting import Cut
from witting.device.spool.writer import SessionWriter
from witting.ledger.seals import KeyStore, SealedReader
from witting.terms.codec import decode_record, encode_record
from witting.terms.errors import SealError, StoreFullError, UsageError
from witting.terms.events import Frame, Gap, PointerMove, TaskMark, TextInput, Tile, Topology
from witting.terms.review import DropRange
from witting.terms.session import SessionEnd
from witting.testing.sample_session import sample_header

SESSION = "5e" * 16
SECOND = 1_000_000_000
CUT = 50 * SECOND
MARK = DropRange(mark_id="m1", from_ns=1, to_ns=2)


class _Clock:
    """A clock that stands at a minute."""

    def monotonic_ns(self) -> int:
        """Return the time."""
        return 60 * SECOND

    def now(self) -> object:
        """Say nothing: nobody asks."""
        raise NotImplementedError


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Return a key store without passphrase or keyring."""
    return KeyStore(tmp_path / "keys")


@pytest.fixture
def spool(tmp_path: Path, keys: KeyStore) -> Spool:
    """Return an empty spool."""
    return Spool(tmp_path, keys, clock=_Clock())


def tile(number: int) -> Tile:
    """Return a tile of its own name."""
    return Tile(f"{number:032x}", b"pixels")


def frame(second: int, *numbers: int) -> Frame:
    """Return a picture that shows these tiles."""
    names = b"".join(bytes.fromhex(f"{number:032x}") for number in numbers)
    return Frame(second * SECOND, "damage", 64, 64 * len(numbers), names, 0.0)


RECORDS = [
    PointerMove(10 * SECOND, 1, 1),
    TextInput(12 * SECOND, 13 * SECOND, "to ⟨NAME_1⟩"),
    tile(1), tile(2), frame(20, 1, 2),
    Gap("app_not_lent", "keys", 30 * SECOND, 55 * SECOND, 2),
    TextInput(45 * SECOND, 51 * SECOND, "begun before, to ⟨NAME_2⟩"),
    Topology(52 * SECOND, ()),
    PointerMove(53 * SECOND, 2, 2),
    PointerMove(54 * SECOND, 3, 3),
    TaskMark(54 * SECOND, "begin", "Ask ⟨NAME_3⟩"),
    tile(3), frame(55, 2, 3),
    Gap("secure_field", "keys", 56 * SECOND, 56 * SECOND, 1),
]  # fmt: skip


def open_session(spool: Spool) -> SessionWriter:
    """Return a session with the records in it."""
    writer = spool.open_session(sample_header(SESSION))
    for record in RECORDS:
        writer.append(record)
    return writer


def end(kept: dict[str, int], gapped: dict[str, int]) -> SessionEnd:
    """Return the end of a session with these counts."""
    produced = {stream: kept.get(stream, 0) + gapped.get(stream, 0) for stream in {*kept, *gapped}}
    return SessionEnd(timestamp_ns=60 * SECOND, reason="stopped", produced=produced, kept=kept, gapped=gapped)


def removed_holes(records: list[object]) -> dict[str, int]:
    """Return the counts of what the participant took out, by stream."""
    return {gap.stream: gap.count for gap in records if isinstance(gap, Gap) and gap.reason == "participant_removed"}


def test_what_happened_since_is_gone_and_a_hole_with_its_count_stands_in_place(spool: Spool) -> None:
    """Typing that reaches into the minutes goes whole, holes within them too; what is needed to read the rest stays; recording goes on."""
    writer = open_session(spool)
    removed = writer.forget(CUT)
    writer.append(PointerMove(61 * SECOND, 9, 9))
    writer.close(end({"pointer": 2, "keys": 1, "screen": 1}, {"pointer": 2, "keys": 4, "screen": 1}))
    records = list(spool.read(SESSION))
    assert [record for record in records[1:-1] if not isinstance(record, Gap)] == [*RECORDS[:5], RECORDS[7], PointerMove(61 * SECOND, 9, 9)]
    holes = removed_holes(records)
    assert {stream: count for stream, count in holes.items() if count} == {"pointer": 2, "keys": 2, "screen": 1}
    assert {gap.from_ns for gap in records if isinstance(gap, Gap) and gap.reason == "participant_removed"} == {CUT}
    assert RECORDS[5] in records
    assert spool.endings[SESSION] == "closed"
    assert (removed.tiles_left, removed.placeholders_left) == ({tile(1).digest, tile(2).digest}, {"⟨NAME_1⟩"})


@pytest.mark.promise("P13")
def test_the_old_key_opens_nothing_and_the_old_bytes_are_replaced(spool: Spool, keys: KeyStore, tmp_path: Path) -> None:
    """The session lies under a fresh key; the old one is nowhere, so that a copy of the old file can't be read either."""
    writer = open_session(spool)
    writer.flush()
    path = tmp_path / "spool" / f"{SESSION}.session"
    copy, old_key, key_file = path.read_bytes(), keys.key(SESSION), (tmp_path / "keys" / f"{SESSION}.key").read_bytes()
    writer.forget(CUT)
    assert keys.key(SESSION) != old_key
    assert keys.names() == (SESSION,)
    assert key_file not in b"".join(file.read_bytes() for file in (tmp_path / "keys").iterdir())
    with pytest.raises(SealError), path.open("rb") as file:
        list(SealedReader(file, old_key))
    path.with_name("copy").write_bytes(copy)
    with pytest.raises(SealError), path.with_name("copy").open("rb") as file:
        list(SealedReader(file, keys.key(SESSION)))


def test_everything_can_be_forgotten(spool: Spool) -> None:
    """Minutes that reach back before the session's beginning take all of it but its header."""
    writer = open_session(spool)
    writer.forget(-(10**18))
    records = list(spool.read(SESSION))
    assert {type(record) for record in records[1:]} == {Topology, Gap}
    assert {gap.from_ns for gap in records if isinstance(gap, Gap)} == {sample_header(SESSION).started_ns}
    assert sum(removed_holes(records).values()) == 10


def test_a_session_that_has_ended_can_be_cut_too(spool: Spool) -> None:
    """Its end tells the counts as they are now, its marks can still be read, and one being recorded is its recorder's to cut."""
    writer = open_session(spool)
    with pytest.raises(UsageError, match="still being recorded"):
        spool.forget_since(SESSION, CUT)
    writer.close(end({"pointer": 3, "keys": 2, "screen": 2}, {"keys": 3}))
    spool.add_mark(SESSION, MARK)
    spool.forget_since(SESSION, CUT)
    records = list(spool.read(SESSION))
    last = records[-1]
    assert isinstance(last, SessionEnd)
    assert (last.kept, last.gapped) == ({"pointer": 1, "keys": 1, "screen": 1}, {"pointer": 2, "keys": 4, "screen": 1})
    assert all(count == last.kept.get(stream, 0) + last.gapped.get(stream, 0) for stream, count in last.produced.items())
    assert spool.endings[SESSION] == "closed"
    assert spool.marks(SESSION) == (MARK,)


def test_a_session_that_was_cut_off_by_a_crash_can_be_cut_and_stays_open(spool: Spool) -> None:
    """Nobody writes an end into a session that has none."""
    open_session(spool)._file.close()
    spool.forget_since(SESSION, CUT)
    assert not [record for record in spool.read(SESSION) if isinstance(record, SessionEnd)]
    assert spool.endings[SESSION] == "open"


def test_without_room_nothing_is_forgotten_and_nothing_is_left_lying(spool: Spool, keys: KeyStore, tmp_path: Path, monkeypatch) -> None:
    """A disk that can't hold the cut session leaves the old one as it was, and says so."""

    def no_room(*_: object, **__: object) -> None:
        raise StoreFullError("the disk is full", hint="make room")

    writer = open_session(spool)
    writer.flush()
    monkeypatch.setattr(renewing, "_copy", no_room)
    with pytest.raises(StoreFullError):
        writer.forget(CUT)
    assert len([record for record in spool.read(SESSION) if isinstance(record, PointerMove)]) == 3
    assert keys.names() == (SESSION,)
    assert {file.suffix for file in (tmp_path / "spool").iterdir()} == {".session", ".ballast"}


class _Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(("at", "left"), [("_copy", 3), ("_take_over", 1)])
def test_what_a_crash_left_half_done_is_ended_by_whoever_comes_next(spool: Spool, tmp_path: Path, monkeypatch, at: str, left: int) -> None:
    """Before the cut session is in place nothing was forgotten, after it everything; a session that is still written is left alone."""

    def killed(*_: object, **__: object) -> None:
        raise _Killed

    keys = KeyStore(tmp_path / "keys")
    writer = open_session(spool)
    monkeypatch.setattr(renewing, at, killed)
    with pytest.raises(_Killed):
        writer.forget(CUT)
    monkeypatch.undo()
    if at == "_copy":  # the old file is still held
        assert len(Spool(tmp_path, keys).sessions()) == 1
        assert len(keys.names()) == 2
    gc.collect()
    writer._file.hand_over()
    again = Spool(tmp_path, keys)
    assert len([record for record in again.read(SESSION) if isinstance(record, PointerMove)]) == left
    assert keys.names() == (SESSION,)


def test_without_room_for_a_beginning_nothing_is_forgotten(spool: Spool, keys: KeyStore, monkeypatch) -> None:
    """A disk without room for the first byte leaves everything as it was."""

    def no_room(*_: object, **__: object) -> None:
        raise StoreFullError("the disk is full", hint="make room")

    writer = open_session(spool)
    monkeypatch.setattr(renewing, "SafeFile", no_room)
    with pytest.raises(StoreFullError):
        writer.forget(CUT)
    assert keys.names() == (SESSION,)


def test_a_writer_without_its_keeping_says_that_it_cannot(spool: Spool) -> None:
    """Who was given no way to write a session anew refuses instead of pretending."""
    writer = open_session(spool)
    writer._keeping = None
    with pytest.raises(UsageError, match="can't be written anew"):
        writer.forget(CUT)


@pytest.mark.promise("P24")
@pytest.mark.parametrize("harm", ["shorter", "longer", "gone", "replaced", "key"])
def test_a_session_that_somebody_else_touched_ends(spool: Spool, keys: KeyStore, tmp_path: Path, harm: str) -> None:
    """A file that was cut, added to, taken away or replaced under the recorder, or a key that was destroyed, stops recording."""
    writer = open_session(spool)
    writer.flush()
    path = tmp_path / "spool" / f"{SESSION}.session"
    match harm:
        case "shorter":
            os.truncate(path, 40)
        case "longer":
            path.write_bytes(path.read_bytes() + b"x")
        case "gone":
            path.unlink()
        case "replaced":
            path.with_name("other").write_bytes(path.read_bytes())
            path.with_name("other").replace(path)
        case _:
            keys.destroy(SESSION)
    writer.append(PointerMove(61 * SECOND, 1, 1))
    with pytest.raises(Exception, match="changed or taken away") as caught:
        writer.flush()
    assert caught.value.code == "spool_changed"
    assert writer.is_closed


def test_stopped_at_any_step_it_is_all_or_nothing(tmp_path: Path) -> None:
    """Wherever between two calls to the disk the recorder is killed, the session reads either whole or cut, under one key, marks too."""
    child = subprocess.run([sys.executable, "-c", _STOPPED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    seen = {_outcome(home) for home in tmp_path.iterdir()}
    assert len(list(tmp_path.iterdir())) > 15
    assert seen == {(60, 0), (30, 30)}


def _outcome(home: Path) -> tuple[int, int]:
    """Return how many moves are left and how many a hole tells of, after what a crash left is settled."""
    keys = KeyStore(home / "keys")
    spool = Spool(home, keys)
    (info,) = spool.sessions()
    records = list(spool.read(info.session_id))
    assert spool.marks(info.session_id) == (MARK,)
    assert keys.names() == (SESSION,)
    assert {file.suffix for file in (home / "spool").iterdir()} <= {".session", ".marks", ".ballast"}
    return sum(isinstance(record, PointerMove) for record in records), removed_holes(records).get("pointer", 0)


# Forgets half of a session again and again, each time in a child that is killed at one call further to the disk.
_STOPPED = """
import os, sys, pathlib
from witting.device.spool import Spool
from witting.ledger.seals import KeyStore
from witting.terms.events import PointerMove
from witting.terms.review import DropRange
from witting.testing.sample_session import sample_header
def counted(real, left):
    def call(*args, **kwargs):
        left[0] -= 1
        if left[0] == 0:
            os._exit(9)
        return real(*args, **kwargs)
    return call
def cut(home, step):
    spool = Spool(home, KeyStore(home / "keys"))
    writer = spool.open_session(sample_header("5e" * 16))
    for n in range(60):
        writer.append(PointerMove(n * 1_000_000_000 + 1, n, n))
    writer.flush()
    spool.add_mark("5e" * 16, DropRange(mark_id="m1", from_ns=1, to_ns=2))
    left = [step]
    for name in ("open", "write", "fsync", "replace", "rename", "unlink", "link"):
        setattr(os, name, counted(getattr(os, name), left))
    writer.forget(30_000_000_000)
    os._exit(0)
for step in range(1, 200):
    child = os.fork()
    if child == 0:
        try:
            cut(pathlib.Path(sys.argv[1]) / str(step), step)
        finally:
            os._exit(3)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        break
    assert code == 9, code
else:
    raise SystemExit(4)
"""


def test_killed_at_any_moment_it_is_all_or_nothing(tmp_path: Path) -> None:
    """Kill -9 while sessions are cut again and again: each reads back either whole or cut, and none is half forgotten."""
    chance = random.Random(7)
    for turn in range(3):
        home = tmp_path / str(turn)
        child = subprocess.Popen([sys.executable, "-c", _CUTTING, str(home)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.06))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        keys = KeyStore(home / "keys")
        spool = Spool(home, keys)
        for info in spool.sessions():
            records = list(spool.read(info.session_id))
            moves = sum(isinstance(record, PointerMove) for record in records)
            assert moves in {3000, 1500}
            assert removed_holes(records).get("pointer", 0) == 3000 - moves
        assert spool.damaged() == ()
        assert not [name for name in keys.names() if name.endswith(renewing.NEXT)]


_CUTTING = """
import sys, pathlib
from witting.device.spool import Spool
from witting.ledger.seals import KeyStore
from witting.terms.events import PointerMove
from witting.testing.sample_session import sample_header
home = pathlib.Path(sys.argv[1])
spool = Spool(home, KeyStore(home / "keys"))
writers = []
for number in range(10):
    writer = spool.open_session(sample_header(f"{number:032x}"))
    for n in range(3000):
        writer.append(PointerMove(n * 1_000_000 + 1, n, n))
    writer.flush()
    writers.append(writer)
print("go", flush=True)
for writer in writers:
    writer.forget(1_500_000_000)
"""


@given(st.lists(st.sampled_from(RECORDS), max_size=30), st.integers(0, 70))
def test_the_counts_add_up_wherever_it_is_cut(records, second) -> None:
    """What was there is what is left and what the holes tell, whatever was recorded in whatever order."""
    header = msgspec.structs.replace(sample_header(SESSION), streams=("pointer", "keys"))
    data = [encode_record(record) for record in [header, *records]]
    cut = Cut(lambda: iter(data), second * SECOND, to_ns=70 * SECOND)
    left = [decode_record(framed[4:]) for framed in cut.records()]
    total = cut.removed.kept + cut.removed.gapped
    assert {stream: count for stream, count in removed_holes(left).items() if count} == dict(total)
    before, after = items([header, *records]), items(left)
    assert before == after
    shown = {
        tile(number).digest
        for number in range(4)
        if any(bytes.fromhex(tile(number).digest) in frame.tiles for frame in left if isinstance(frame, Frame))
    }
    assert {record.digest for record in left if isinstance(record, Tile)} <= shown


def items(records) -> dict[str, int]:
    """Return how many items of each stream records tell of, kept or as holes."""
    counts: Counter[str] = Counter()
    for record in records:
        if isinstance(record, Gap):
            counts[record.stream] += record.count
        elif (stream := stream_of(record)) is not None:
            counts[stream] += 1
    return {stream: count for stream, count in counts.items() if count}
