"""What the writer promises when things end badly: at most the last second is lost, and what is on disk can be read."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from witting.device.spool import Spool, disk, stream_of
from witting.ledger.seals import KeyStore
from witting.terms.errors import StoreFullError, UsageError
from witting.terms.events import Gap, PointerMove, TextInput
from witting.terms.session import SessionEnd
from witting.testing.sample_session import sample_header, sample_records

SESSION = "5e" * 16
SECOND = 1_000_000_000


class _Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.ns = SECOND

    def monotonic_ns(self) -> int:
        """Return the time that was set."""
        return self.ns

    def now(self) -> object:
        """Say nothing: nobody asks."""
        raise NotImplementedError


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Return a key store without passphrase or keyring."""
    return KeyStore(tmp_path / "keys")


def _moves(count: int) -> list[PointerMove]:
    """Return some pointer moves."""
    return [PointerMove(SECOND + n, n, n) for n in range(count)]


def test_a_record_is_on_disk_within_a_second(tmp_path: Path, keys: KeyStore) -> None:
    """What was appended can be read by another process as soon as `flush_due` was called 0.8 s later, though nothing is closed."""
    clock = _Clock()
    writer = Spool(tmp_path, keys, clock=clock).open_session(sample_header(SESSION))
    writer.append(_moves(1)[0])
    writer.flush_due(clock.ns + SECOND // 2)
    assert len(list(Spool(tmp_path, keys).read(SESSION))) == 1
    writer.flush_due(clock.ns + disk_wait())
    reader = Spool(tmp_path, keys)
    assert len(list(reader.read(SESSION))) == 2
    assert reader.endings[SESSION] == "open"


def disk_wait() -> int:
    """Return how long a record may wait, checked to leave room for the sync within a second."""
    from witting.device.spool.writer import FLUSH_AFTER_NS

    assert FLUSH_AFTER_NS <= 0.9 * SECOND
    return FLUSH_AFTER_NS


def test_append_itself_looks_at_the_clock(tmp_path: Path, keys: KeyStore) -> None:
    """A busy recorder that never calls `flush_due` still has everything older than a second on disk."""
    clock = _Clock()
    writer = Spool(tmp_path, keys, clock=clock).open_session(sample_header(SESSION))
    for move in _moves(50):
        clock.ns += SECOND // 10
        writer.append(move)
    assert len(list(Spool(tmp_path, keys).read(SESSION))) >= 1 + 50 - 10


_VICTIM = """
import sys, time
from pathlib import Path
from witting.device.spool import Spool
from witting.ledger.seals import KeyStore
from witting.terms.events import PointerMove
from witting.testing.sample_session import sample_header
folder = Path(sys.argv[1])
writer = Spool(folder, KeyStore(folder / "keys")).open_session(sample_header("5e" * 16))
for number in range(10**9):
    writer.append(PointerMove(time.monotonic_ns(), number, 0))
    if number % 50 == 0:
        print(number, flush=True)
        time.sleep(0.01)
"""


@pytest.mark.parametrize("seconds", [0.35, 1.3, 2.1])
def test_kill_9_loses_at_most_the_last_second(tmp_path: Path, keys: KeyStore, seconds: float) -> None:
    """After kill -9 every record older than a second reads back, in order, and no ballast or plaintext is of any use to a reader."""
    process = subprocess.Popen([sys.executable, "-c", _VICTIM, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    started_ns = time.monotonic_ns()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    killed_ns = time.monotonic_ns()
    appended = [int(line) for line in process.communicate()[0].split()]
    spool = Spool(tmp_path, keys)
    moves = [record for record in spool.read(SESSION) if isinstance(record, PointerMove)]
    assert [move.x for move in moves] == list(range(len(moves)))
    assert len(appended) > 10
    assert killed_ns - (moves[-1].timestamp_ns if moves else started_ns) <= SECOND
    assert not spool.sessions()[0].is_recording
    spool.prune()
    assert not list((tmp_path / "spool").glob("*.ballast"))


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make the spool's folder hold only so many bytes; writing more fails half-way with ENOSPC, as a disk does."""
    capacity = [disk.BALLAST_BYTES + 60_000]
    real_write = os.write

    def write(descriptor: int, data: bytes) -> int:
        used = sum(path.stat().st_size for path in (tmp_path / "spool").iterdir())
        room = capacity[0] - used
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(descriptor, bytes(data)[:room])

    monkeypatch.setattr(disk.os, "write", write)
    return capacity


def test_a_full_disk_closes_the_session_with_everything_in_it(tmp_path: Path, keys: KeyStore, small_disk: list[int]) -> None:
    """When the disk fills up, the session ends cleanly with every record appended so far and counts that fit them."""
    writer = Spool(tmp_path, keys).open_session(sample_header(SESSION))
    appended = iter(range(10**6))

    def fill() -> None:
        for number in appended:
            writer.append(TextInput(number, number, "x" * 1000) if number % 2 else Gap("paused", "screen", number, number, 3))

    with pytest.raises(StoreFullError, match="disk is full") as caught:
        fill()
    assert caught.value.hint
    assert writer.is_closed
    reader = Spool(tmp_path, keys)
    *records, end = reader.read(SESSION)
    assert reader.endings[SESSION] == "closed"
    assert len(records) == 1 + next(appended)
    assert isinstance(end, SessionEnd)
    assert end.reason == "store_full"
    assert end.produced == {"keys": end.kept["keys"], "screen": end.gapped["screen"]}
    assert end.kept["keys"] == sum(isinstance(record, TextInput) for record in records)
    assert end.gapped["screen"] == 3 * sum(isinstance(record, Gap) for record in records)


def test_a_disk_full_to_the_brim_leaves_whole_segments(tmp_path: Path, keys: KeyStore, small_disk: list[int]) -> None:
    """When others take even the room of the ballast, what was synced before still reads and nothing is half-written."""
    clock = _Clock()
    writer = Spool(tmp_path, keys, clock=clock).open_session(sample_header(SESSION))
    writer.append(_moves(1)[0])
    writer.flush()
    small_disk[0] = 0
    writer.append(_moves(1)[0])
    with pytest.raises(StoreFullError):
        writer.flush()
    assert writer.is_closed
    reader = Spool(tmp_path, keys)
    assert len(list(reader.read(SESSION))) == 2
    assert reader.endings[SESSION] == "open"


def test_a_disk_full_at_the_beginning_begins_nothing(tmp_path: Path, keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room for the ballast there is no session, no key and no file."""

    def refuse(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk, "_reserve", refuse)
    spool = Spool(tmp_path, keys)
    with pytest.raises(StoreFullError):
        spool.open_session(sample_header(SESSION))
    assert spool.sessions() == []
    assert keys.names() == ()
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_closed_session_takes_nothing_more(tmp_path: Path, keys: KeyStore) -> None:
    """Appending after the end is refused, closing again is harmless."""
    writer = Spool(tmp_path, keys).open_session(sample_header(SESSION))
    end = SessionEnd(timestamp_ns=SECOND, reason="stopped")
    writer.close(end)
    writer.close(end)
    with pytest.raises(UsageError):
        writer.append(_moves(1)[0])
    assert list(Spool(tmp_path, keys).read(SESSION))[1:] == [end]


def test_the_sample_session_reconciles(tmp_path: Path, keys: KeyStore) -> None:
    """Each stream's produced count is what was kept, gapped and reduced together, counted by the spool's own measure of streams."""
    *records, end = sample_records(sample_header(SESSION), frames=5)
    assert isinstance(end, SessionEnd)
    for stream, produced in end.produced.items():
        kept = sum(stream_of(record) == stream for record in records)
        gapped = sum(record.count for record in records if isinstance(record, Gap) and record.stream == stream)
        told = end.kept[stream], end.gapped.get(stream, 0), produced
        assert (kept, gapped, kept + gapped + end.reduced.get(stream, 0)) == told


def test_another_failure_of_the_disk_ends_the_session_and_is_told(tmp_path: Path, keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails otherwise than by being full raises as it is; what was synced before reads back, and the session is closed."""
    writer = Spool(tmp_path, keys).open_session(sample_header(SESSION))

    def fail(*_args: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(disk.os, "write", fail)
    writer.append(_moves(1)[0])
    with pytest.raises(OSError, match="Input/output"):
        writer.flush()
    assert writer.is_closed
    assert len(list(Spool(tmp_path, keys).read(SESSION))) == 1


def test_a_disk_that_fails_in_the_ballasts_room_is_told_as_it_is(tmp_path: Path, keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full first and broken then: the second failure isn't taken for a full disk, and whole segments are left."""
    writer = Spool(tmp_path, keys).open_session(sample_header(SESSION))
    codes = iter([errno.ENOSPC, errno.EIO])

    def fail(*_args: object) -> int:
        raise OSError(next(codes), "trouble")

    monkeypatch.setattr(disk.os, "write", fail)
    writer.append(_moves(1)[0])
    with pytest.raises(OSError, match="trouble"):
        writer.flush()
    assert writer.is_closed
    assert len(list(Spool(tmp_path, keys).read(SESSION))) == 1


def test_a_beginning_that_fails_otherwise_leaves_nothing(tmp_path: Path, keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the file can't be made for another reason than a full disk, that reason is raised, and neither key nor file is left."""

    def refuse(*_args: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(disk, "_reserve", refuse)
    with pytest.raises(OSError, match="Input/output"):
        Spool(tmp_path, keys).open_session(sample_header(SESSION))
    assert (keys.names(), list((tmp_path / "spool").iterdir())) == ((), [])


def test_a_full_disk_refuses_the_key_too(tmp_path: Path, keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """When not even the key fits, the person is told that the disk is full."""

    def refuse(_name: str) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keys, "new_key", refuse)
    with pytest.raises(StoreFullError):
        Spool(tmp_path, keys).open_session(sample_header(SESSION))


def test_what_waits_in_a_file_that_is_closed_unflushed_never_reaches_the_disk(tmp_path: Path) -> None:
    """Closing takes the ballast away and writes nothing half; closing twice and flushing nothing are harmless."""
    file = disk.SafeFile(tmp_path / "a", ballast=tmp_path / "b")
    file.flush()
    file.write(b"waiting")
    file.close()
    file.close()
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").exists()) == (b"", False)


def test_where_files_cannot_be_locked_the_ballast_says_that_one_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without file locks a session counts as being recorded from its first byte to its close, and its bytes are all there."""
    monkeypatch.setattr(disk.sys, "platform", "win32")
    path = tmp_path / "a.session"
    file = disk.SafeFile(path, ballast=tmp_path / "a.ballast")
    assert (tmp_path / "a.ballast").stat().st_size == disk.BALLAST_BYTES
    assert disk.is_held(path)
    file.write(b"sealed")
    file.flush()
    file.close()
    assert not disk.is_held(path)
    disk.write_private(tmp_path / "marks", b"whole")
    assert (path.read_bytes(), (tmp_path / "marks").read_bytes()) == (b"sealed", b"whole")
