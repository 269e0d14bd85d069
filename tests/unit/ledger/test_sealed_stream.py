"""Sealed streams: whole records come back in order; anything else is refused or named as what it is."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.ledger.seals import SealedReader, SealedWriter, new_key
from witting.ledger.seals.stream import MAX_RECORD_BYTES
from witting.terms.errors import SealError

KEY = bytes(range(32))
START = 16 + 24  # magic and secretstream header
records_lists = st.lists(st.binary(max_size=60), max_size=8)


class _Disk(io.BytesIO):
    """A file in memory that can be asked to sync."""

    def fileno(self) -> int:
        """Return a number that `os.fsync` takes."""
        return self.descriptor

    descriptor = -1


@pytest.fixture(autouse=True)
def _sync_to_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let syncs of in-memory files pass."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


def sealed(records: list[bytes], *, close: bool = True, key: bytes = KEY) -> bytes:
    """Return the bytes of a stream of these records."""
    disk = _Disk()
    writer = SealedWriter(disk, key)
    for record in records:
        writer.append(record)
    if close:
        writer.close()
    return disk.getvalue()


def frames_of(data: bytes) -> list[bytes]:
    """Return the frames of a sealed stream as they stand in its bytes."""
    frames, place = [], START
    while place < len(data):
        end = place + 4 + int.from_bytes(data[place : place + 4], "little")
        frames.append(data[place:end])
        place = end
    return frames


def read(data: bytes, *, key: bytes = KEY, must_be_closed: bool = False) -> tuple[list[bytes], str, int]:
    """Return records, ending and torn bytes."""
    reader = SealedReader(io.BytesIO(data), key, must_be_closed=must_be_closed)
    return list(reader), reader.ending, reader.torn_bytes


@given(records_lists)
def test_closed_stream_round_trip(records: list[bytes]) -> None:
    """Every record of a closed stream comes back in order, and the end is known to be the end."""
    assert read(sealed(records), must_be_closed=True) == (records, "closed", 0)


@given(records_lists)
def test_stream_that_was_not_closed_reads_and_says_so(records: list[bytes]) -> None:
    """A stream cut at a record's edge gives its records and is called open; whoever needs the end refuses it."""
    data = sealed(records, close=False)
    assert read(data) == (records, "open", 0)
    with pytest.raises(SealError):
        read(data, must_be_closed=True)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=8), st.data())
def test_cut_anywhere_keeps_whole_records(records: list[bytes], draw: st.DataObject) -> None:
    """Wherever a crash cuts the file, the records before the cut come back and the torn bytes are counted."""
    data = sealed(records, close=False)
    cut = draw.draw(st.integers(START, len(data)))
    edges = [START]
    for frame in frames_of(data):
        edges.append(edges[-1] + len(frame))
    whole = sum(edge <= cut for edge in edges) - 1
    torn = cut - edges[whole]
    assert read(data[:cut]) == (records[:whole], "torn" if torn else "open", torn)


@pytest.mark.parametrize("cut", [0, 1, 15, 16, 17, 39])
def test_cut_within_the_header_is_a_torn_stream(cut: int) -> None:
    """A writer killed before its first record leaves a stream without records, not an unreadable one."""
    assert read(sealed([b"x"])[:cut]) == ([], "torn" if cut else "open", cut)


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=2, max_size=6), st.data())
def test_flipped_bit_is_refused(records: list[bytes], draw: st.DataObject) -> None:
    """A changed bit is refused, or cuts the stream before the record it is in; no changed record is ever yielded."""
    data = bytearray(sealed(records))
    place = draw.draw(st.integers(0, len(data) * 8 - 1))
    data[place // 8] ^= 1 << place % 8
    got: list[bytes] = []
    reader = SealedReader(io.BytesIO(bytes(data)), KEY, must_be_closed=True)
    with pytest.raises(SealError):
        got.extend(reader)
    assert got == records[: len(got)]


@given(st.lists(st.binary(max_size=40), min_size=3, max_size=6, unique=True), st.data())
def test_removed_moved_or_repeated_frame_is_refused(records: list[bytes], draw: st.DataObject) -> None:
    """Records can't be taken out, swapped or replayed."""
    data = sealed(records)
    start, frames = data[:START], frames_of(data)
    one = draw.draw(st.integers(0, len(records) - 2))
    deed = draw.draw(st.sampled_from(["remove", "swap", "repeat"]))
    changed = {
        "remove": frames[:one] + frames[one + 1 :],
        "swap": [*frames[:one], frames[one + 1], frames[one], *frames[one + 2 :]],
        "repeat": [*frames[: one + 1], *frames[one:]],
    }[deed]
    with pytest.raises(SealError):
        read(start + b"".join(changed))


def test_frame_of_another_stream_is_refused() -> None:
    """A frame sealed with the same key in another stream doesn't fit into this one."""
    here, there = sealed([b"a", b"b"]), sealed([b"a", b"b"])
    with pytest.raises(SealError):
        read(here[:START] + frames_of(here)[0] + frames_of(there)[1])


def test_wrong_key_is_refused() -> None:
    """Without the session's key nothing is read."""
    with pytest.raises(SealError):
        read(sealed([b"a"]), key=new_key())


def test_bytes_after_the_end_are_refused() -> None:
    """Nothing can be appended to a stream that was closed."""
    with pytest.raises(SealError):
        read(sealed([b"a"]) + b"x")


def test_impossible_length_is_refused() -> None:
    """A frame that claims an absurd length is refused at once, not waited for."""
    with pytest.raises(SealError):
        read(sealed([b"a"], close=False) + (2**31).to_bytes(4, "little"))
    with pytest.raises(SealError):
        read(sealed([b"a"], close=False) + b"\5\0\0\0hello")


def test_unwritten_zeros_at_the_end_are_a_torn_tail() -> None:
    """Zeros that a file system leaves after a power cut are a torn tail, as no frame is that short."""
    assert read(sealed([b"a"], close=False) + bytes(100)) == ([b"a"], "torn", 100)


def test_another_file_is_refused() -> None:
    """A file that is no sealed stream is called that."""
    with pytest.raises(SealError):
        read(b"%PDF-1.7 and so on, long enough to hold a header")


@pytest.mark.promise("P11")
@given(st.lists(st.binary(min_size=8, max_size=60), min_size=1, max_size=6))
def test_no_record_stands_in_the_bytes(records: list[bytes]) -> None:
    """No record's bytes occur in the sealed stream."""
    data = sealed(records)[START:]  # the magic is no record's
    assert not any(record in data for record in records)


def test_error_within_the_block_leaves_the_stream_open() -> None:
    """A writer that fails doesn't claim that its stream is whole."""
    disk = _Disk()
    with pytest.raises(ValueError, match="can't be appended"), SealedWriter(disk, KEY) as writer:
        [writer.append(record) for record in (b"a", bytes(MAX_RECORD_BYTES + 1))]
    assert read(disk.getvalue()) == ([b"a"], "open", 0)


def test_closed_writer_takes_no_more() -> None:
    """Closing twice is harmless, appending after it is an error."""
    disk = _Disk()
    writer = SealedWriter(disk, KEY)
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="can't be appended"):
        writer.append(b"late")
    assert read(disk.getvalue()) == ([], "closed", 0)


def test_real_file_round_trip(tmp_path: Path) -> None:
    """A stream on a real disk reads back after sync, before it is closed."""
    with (tmp_path / "s").open("wb") as file:
        writer = SealedWriter(file, KEY)
        writer.append(b"kept")
        writer.sync()
        assert read((tmp_path / "s").read_bytes()) == ([b"kept"], "open", 0)
