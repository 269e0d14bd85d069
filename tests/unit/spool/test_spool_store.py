"""What the spool promises about sessions at rest: sealed, private, readable after a cut, gone when forgotten."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from witting.device.spool import Spool
from witting.device.spool.disk import is_held
from witting.ledger.seals import KeyStore, seal_object
from witting.terms.errors import IntegrityError, RecordError, SealError, StoreLockedError, UsageError
from witting.terms.geometry import Rect
from witting.terms.review import DropRange, MaskRegion
from witting.terms.session import SessionEnd
from witting.testing.sample_session import SITE, sample_header, sample_records

SESSION = "5e" * 16


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Return a key store without passphrase or keyring."""
    return KeyStore(tmp_path / "keys")


@pytest.fixture
def spool(tmp_path: Path, keys: KeyStore) -> Spool:
    """Return an empty spool."""
    return Spool(tmp_path, keys)


def _record(spool: Spool, session_id: str = SESSION, frames: int = 2) -> list[object]:
    """Put a sample session into the spool and return its records."""
    header, *rest, end = sample_records(sample_header(session_id), frames=frames)
    writer = spool.open_session(header)
    for record in rest:
        writer.append(record)
    writer.close(end)
    return [header, *rest, end]


def test_a_session_reads_back_record_for_record(spool: Spool) -> None:
    """What was appended is what is read, in order, and the end is known to be clean."""
    written = _record(spool)
    assert list(spool.read(SESSION)) == written
    assert spool.endings[SESSION] == "closed"


@pytest.mark.promise("P11")
def test_at_rest_nothing_is_plain(spool: Spool, tmp_path: Path) -> None:
    """No text, address or app of a session, nor of a mark, stands in any byte below the data directory."""
    _record(spool)
    spool.add_mark(SESSION, MaskRegion(mark_id="a-mark-of-mine", area=Rect(1, 2, 3, 4), from_ns=0, to_ns=9))
    known = [b"Please call", b"EMAIL_1", SITE.encode(), b"chromium", b"secure_field", b"train-agents", b"a-mark-of-mine", b"Contacts"]
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not [word for word in known if word in everything]


@pytest.mark.promise("P11")
def test_another_key_reads_nothing(spool: Spool, keys: KeyStore) -> None:
    """A session under another session's key yields not one record."""
    _record(spool)
    keys.destroy(SESSION)
    keys.new_key(SESSION)
    with pytest.raises(SealError):
        next(spool.read(SESSION))


@pytest.mark.promise("P11")
def test_a_wrong_passphrase_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spool of a passphrase's owner stays shut to another passphrase."""
    from nacl import pwhash

    monkeypatch.setattr("witting.ledger.seals.keystore._OPERATIONS", pwhash.argon2id.OPSLIMIT_MIN)
    monkeypatch.setattr("witting.ledger.seals.keystore._MEMORY_BYTES", pwhash.argon2id.MEMLIMIT_MIN)
    _record(Spool(tmp_path, KeyStore(tmp_path / "keys", passphrase="right")))
    with pytest.raises(StoreLockedError):
        KeyStore(tmp_path / "keys", passphrase="wrong")


def test_folders_and_files_are_for_their_owner_alone(spool: Spool, tmp_path: Path) -> None:
    """Directories are 0700 and files 0600, whatever the umask."""
    _record(spool)
    spool.add_mark(SESSION, DropRange(mark_id="m", from_ns=0, to_ns=1))
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "spool", *(tmp_path / "spool").iterdir()]}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())


def test_a_changed_byte_is_refused(spool: Spool, tmp_path: Path) -> None:
    """A flipped bit anywhere in the sealed records raises an integrity error, and the error holds no content."""
    _record(spool)
    path = tmp_path / "spool" / f"{SESSION}.session"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError) as caught:
        list(spool.read(SESSION))
    assert "Please" not in str(caught.value)


def test_a_torn_tail_is_tolerated_and_told(spool: Spool, tmp_path: Path) -> None:
    """A file cut within a segment reads up to the cut, and the ending says so."""
    written = _record(spool)
    path = tmp_path / "spool" / f"{SESSION}.session"
    path.write_bytes(path.read_bytes()[:-40])
    got = list(spool.read(SESSION))
    assert got == written[: len(got)]
    assert spool.endings[SESSION] == "torn"
    assert [info.session_id for info in spool.sessions()] == [SESSION]


def test_forget_comes_before_prune(spool: Spool, tmp_path: Path) -> None:
    """Forgetting makes a session unreadable and unlisted at once; pruning removes its bytes; the other session stays."""
    other = "0f" * 16
    _record(spool)
    _record(spool, other)
    spool.add_mark(SESSION, DropRange(mark_id="m", from_ns=0, to_ns=1))
    assert spool.forget(SESSION)
    assert not spool.forget(SESSION)
    assert [info.session_id for info in spool.sessions()] == [other]
    with pytest.raises(UsageError):
        next(spool.read(SESSION))
    assert (tmp_path / "spool" / f"{SESSION}.session").exists()
    assert spool.prune() > 0
    assert {path.stem for path in (tmp_path / "spool").iterdir()} == {other}
    assert len(list(spool.read(other))) > 20


def test_marks_can_be_set_and_taken_back(spool: Spool) -> None:
    """Marks come back in order, and one taken back is gone."""
    _record(spool)
    mask = MaskRegion(mark_id="one", area=Rect(1, 2, 3, 4), from_ns=5, to_ns=6)
    drop = DropRange(mark_id="two", from_ns=7, to_ns=8)
    spool.add_mark(SESSION, mask)
    spool.add_mark(SESSION, drop)
    assert spool.marks(SESSION) == (mask, drop)
    assert spool.remove_mark(SESSION, "one")
    assert not spool.remove_mark(SESSION, "one")
    assert spool.marks(SESSION) == (drop,)


def test_sessions_are_listed_in_order_of_recording(spool: Spool) -> None:
    """The list says what each header says, oldest first, and which one is being recorded."""
    import msgspec

    later = msgspec.structs.replace(sample_header("aa" * 16), recorded_at="2026-11-24T09:00:00Z")
    writer = spool.open_session(later)
    _record(spool, "bb" * 16)
    assert [info.session_id for info in spool.sessions()] == ["bb" * 16, "aa" * 16]
    assert [info.is_recording for info in spool.sessions()] == [False, True]
    assert spool.info("aa" * 16).header == later
    writer.flush()


def test_an_id_that_is_a_path_is_refused(spool: Spool) -> None:
    """A session id can't name a file elsewhere."""
    with pytest.raises(UsageError):
        next(spool.read("../../etc/passwd"))


def test_an_id_is_used_once(spool: Spool) -> None:
    """A second session of the same id is refused and the first stays whole."""
    written = _record(spool)
    with pytest.raises(UsageError):
        spool.open_session(sample_header(SESSION))
    assert list(spool.read(SESSION)) == written


def test_a_session_beginning_with_another_header_is_refused(spool: Spool, tmp_path: Path, keys: KeyStore) -> None:
    """A sealed file put in another session's place, key and all, isn't taken for it."""
    _record(spool)
    other = "0f" * 16
    keys.keep(other, keys.key(SESSION))
    (tmp_path / "spool" / f"{other}.session").write_bytes((tmp_path / "spool" / f"{SESSION}.session").read_bytes())
    with pytest.raises(SealError):
        spool.info(other)


def test_a_damaged_session_hides_no_other_and_can_be_deleted(spool: Spool, tmp_path: Path) -> None:
    """One whose beginning is broken or empty is named as damaged, the others stay listed, and forgetting it removes its bytes."""
    whole, broken, empty = "aa" * 16, "bb" * 16, "cc" * 16
    for session_id in (whole, broken, empty):
        _record(spool, session_id)
    path = tmp_path / "spool" / f"{broken}.session"
    path.write_bytes(b"x" * 40 + path.read_bytes()[40:])
    (tmp_path / "spool" / f"{empty}.session").write_bytes(b"")
    assert [info.session_id for info in spool.sessions()] == [whole]
    assert spool.damaged() == (broken, empty)
    for session_id in (broken, empty):
        with pytest.raises(SealError):
            spool.info(session_id)
        assert spool.forget(session_id)
    spool.prune()
    assert spool.damaged() == ()
    assert {path.stem for path in (tmp_path / "spool").iterdir()} == {whole}


def test_whether_anything_is_being_recorded_is_known_without_reading(spool: Spool, tmp_path: Path) -> None:
    """A session that is held counts as being recorded, even one that can't be read; a closed one doesn't."""
    assert not spool.is_recording()
    writer = spool.open_session(sample_header(SESSION))
    (tmp_path / "spool" / f"{SESSION}.session").write_bytes(b"")
    assert spool.is_recording()
    assert (spool.sessions(), spool.damaged()) == ([], ())
    with pytest.raises(IntegrityError, match="changed or taken away"):
        writer.close(SessionEnd(timestamp_ns=1, reason="stopped"))
    assert not spool.is_recording()


def test_broken_marks_hold_the_session_back(spool: Spool, keys: KeyStore, tmp_path: Path) -> None:
    """Marks that were changed, or that aren't marks, raise: without knowing what to take out nothing can leave."""
    _record(spool)
    path = tmp_path / "spool" / f"{SESSION}.marks"
    path.write_bytes(seal_object(keys.key(SESSION), b"not marks", name=b"witting-marks\0" + SESSION.encode()))
    with pytest.raises(RecordError):
        spool.marks(SESSION)
    path.write_bytes(b"\0" * 80)
    with pytest.raises(SealError):
        spool.marks(SESSION)


def test_a_session_pruned_while_others_look_is_not_listed(spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes between listing and reading is left out without an error."""
    _record(spool)
    real = Path.open

    def vanish(path: Path, *args: object, **more: object) -> object:
        if path.suffix == ".session":
            raise FileNotFoundError
        return real(path, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", vanish)
    assert (spool.sessions(), spool.damaged()) == ([], ())


def test_a_file_that_is_not_there_is_not_held(tmp_path: Path) -> None:
    """Asking whether nothing is being written says no."""
    assert not is_held(tmp_path / "nowhere")


def test_old_sessions_are_erased_and_one_being_recorded_stays(spool: Spool) -> None:
    """Erasing by age forgets and prunes what is older than the moment, never what a recorder holds."""
    _record(spool)
    writer = spool.open_session(sample_header("0f" * 16))
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    assert spool.erase_older(datetime(2020, 1, 1, tzinfo=UTC)) == ()
    assert spool.erase_older(moment) == (SESSION,)
    assert [info.session_id for info in spool.sessions()] == ["0f" * 16]
    writer.flush()


def test_two_that_prune_at_once_do_not_stumble(spool: Spool, tmp_path: Path) -> None:
    """Pruning while other processes prune too removes everything forgotten and raises nothing."""
    ids = [f"{number:032x}" for number in range(24)]
    for session_id in ids:
        _record(spool, session_id, frames=0)
        spool.forget(session_id)
    others = [Spool(tmp_path, KeyStore(tmp_path / "keys")) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        removed = list(pool.map(lambda one: one.prune(), [spool, *others]))
    assert sum(removed) > 0
    assert list((tmp_path / "spool").iterdir()) == []
