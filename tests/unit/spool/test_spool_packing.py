"""Segments are packed one after the other: what repeats costs nothing, what a crash leaves can be read, old files too."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.spool.packing import PackedReader, PackedWriter, packed
from witting.ledger.seals import SealedWriter
from witting.terms.errors import SealError

KEY = bytes(range(32))
segments = st.lists(st.binary(min_size=1, max_size=2000), max_size=8)


def written(*parts: bytes, is_closed: bool = True) -> bytes:
    """Return the bytes of a file with these segments."""
    file = io.BytesIO()
    writer = PackedWriter(file, KEY)
    for part in parts:
        writer.append(part)
    if is_closed:
        writer._push(b"", 3)
    return file.getvalue()


@given(segments)
def test_segments_come_back_as_they_were(parts):
    """Each segment by itself, whatever is in it, packed or not."""
    assert [part for part in PackedReader(io.BytesIO(written(*parts)), KEY) if part] == parts


@given(segments, st.integers(0, 400))
def test_a_cut_file_gives_its_whole_segments(parts, cut):
    """A crash costs what was half written and nothing before it."""
    data = written(*parts, is_closed=False)
    found = list(PackedReader(io.BytesIO(data[: len(data) - cut] if cut < len(data) - 40 else data), KEY))
    assert found == parts[: len(found)]


def test_what_repeats_costs_next_to_nothing():
    """The same 4,160 bytes of tile names in every picture are kept once."""
    names = os.urandom(4160)
    assert len(written(*[names] * 50)) < 2 * len(names)


def test_a_file_from_before_packing_is_read_as_it_is():
    """Segments of plain records are told from packed ones by their first bytes."""
    file = io.BytesIO()
    writer = SealedWriter(file, KEY)
    parts = [(5).to_bytes(4, "little") + b"hello", b"\x28\xb5\x2f\xfd later"]
    for part in parts:
        writer.append(part)
    assert list(PackedReader(io.BytesIO(file.getvalue()), KEY)) == parts


def test_a_segment_that_is_no_packing_is_refused_by_name():
    """Under the right key and with the mark, but nothing zstd can read."""
    file = io.BytesIO()
    SealedWriter(file, KEY).append(b"\x28\xb5\x2f\xfd" + b"\xff" * 40)
    with pytest.raises(SealError, match="can't be unpacked"):
        list(PackedReader(io.BytesIO(file.getvalue()), KEY))


@pytest.mark.parametrize("rest", [b"\xff" * 40, bytes(40)])
def test_a_sealed_segment_that_cannot_be_unpacked_is_told(rest: bytes):
    """Rubbish under the right key is no traceback of a library: what stood before it was given out, and the error says so."""
    good = packed(b"first")[0]
    file = io.BytesIO()
    writer = SealedWriter(file, KEY)
    for part in (good, b"\x07" + rest):
        writer.append(part)
    reader = iter(PackedReader(io.BytesIO(file.getvalue()), KEY))
    assert next(reader) == b"first"
    with pytest.raises(SealError, match="can't be unpacked") as caught:
        next(reader)
    assert "still readable" in caught.value.hint
