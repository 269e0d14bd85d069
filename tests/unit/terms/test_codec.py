"""Records survive the encoder; nothing else is taken for one."""

import math
import typing

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.terms.codec import decode_record, encode_record, frame_record, split_frames, tree_digest
from witting.terms.errors import RecordError
from witting.terms.events import GRID_NS, WAY_TIMES_MS, Event, PointerMove, PointerPath
from witting.terms.session import Record, SessionEnd
from witting.terms.tree import UiNode

RECORD_TYPES = typing.get_args(Record)
INTS = st.integers(min_value=-(2**63), max_value=2**63 - 1)


def _strategy(annotation: object) -> st.SearchStrategy:
    """Return a strategy for a field's type."""
    origin = typing.get_origin(annotation)
    if annotation is int:
        return INTS
    if annotation is float:
        return st.floats(allow_nan=False)
    if origin is tuple:
        return st.lists(_strategy(typing.get_args(annotation)[0]), max_size=4).map(tuple)
    if origin is dict:
        return st.dictionaries(st.text(max_size=8), INTS, max_size=4)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _struct(annotation)
    return st.from_type(annotation)


def _struct(kind: type[msgspec.Struct]) -> st.SearchStrategy:
    """Return a strategy for a struct with every field filled."""
    if kind is PointerPath:
        times = st.integers(0, 2**30).map(lambda number: number * GRID_NS)
        return st.builds(kind, times, st.sampled_from(WAY_TIMES_MS), st.sampled_from(["direct", "winding"]))
    return st.builds(kind, **{field.name: _strategy(field.type) for field in msgspec.structs.fields(kind)})


def test_record_types_are_all_covered() -> None:
    """The union that is written holds header, end, frame, tile, tree and every event."""
    assert set(typing.get_args(Event)) < set(RECORD_TYPES)
    tags = [kind.__struct_config__.tag for kind in RECORD_TYPES]
    assert len(set(tags)) == len(tags) == len(RECORD_TYPES)


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.__name__)
def test_every_record_type_round_trips(kind: type[msgspec.Struct]) -> None:
    """What was encoded comes back equal and of the same type, whatever its fields hold."""

    @given(record=_struct(kind))
    def check(record: Record) -> None:
        found = decode_record(encode_record(record))
        assert type(found) is kind
        assert found == record
        assert encode_record(found) == encode_record(record)

    check()


@given(st.binary(max_size=200))
def test_garbage_is_refused_in_one_line(data: bytes) -> None:
    """Bytes that are no record raise RecordError, which tells their number and nothing of them."""
    refusal = None
    try:
        record = decode_record(data)
    except RecordError as error:
        refusal = error
    if refusal is None:
        assert type(record) in RECORD_TYPES
    else:
        assert str(len(data)) in str(refusal)
        assert len(str(refusal).splitlines()) == 1
        assert refusal.hint


@pytest.mark.promise("P29")
def test_a_broken_record_shows_no_content() -> None:
    """A record that can't be decoded isn't quoted in the error."""
    data = msgspec.msgpack.encode({"type": "text", "timestamp_ns": "hunter2-hunter2", "end_ns": 1, "text": "hunter2-hunter2"})
    with pytest.raises(RecordError) as caught:
        decode_record(data)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert caught.value.__suppress_context__


@given(records=st.lists(_struct(PointerMove), max_size=5), cut=st.integers(1, 12))
def test_framed_records_come_back_whole(records: list[PointerMove], cut: int) -> None:
    """Records in a run are found one by one; a run that ends within one is refused after the whole ones."""
    run = b"".join(frame_record(record) for record in records)
    assert [decode_record(data) for data in split_frames(run)] == records
    assert list(split_frames(b"")) == []
    found: list[bytes] = []
    with pytest.raises(RecordError, match="ends within a record"):
        found.extend(split_frames(run + frame_record(PointerMove(1, 2, 3))[:-cut]))
    assert len(found) == len(records)


def test_unknown_tag_is_refused() -> None:
    """A record of a type that isn't known is no record."""
    with pytest.raises(RecordError):
        decode_record(msgspec.msgpack.encode({"type": "clipboard", "timestamp_ns": 1}))


def test_equal_trees_have_equal_names() -> None:
    """A tree's digest depends on its nodes alone."""
    nodes = (UiNode(0, -1, "button", "OK"),)
    assert tree_digest(nodes) == tree_digest((UiNode(0, -1, "button", "OK"),))
    assert tree_digest(nodes) != tree_digest((UiNode(0, -1, "button", "Ok"),))
    assert len(tree_digest(())) == 32


def test_counts_are_not_shared_between_ends() -> None:
    """Two ends made without counts don't share one dictionary."""
    first, second = SessionEnd(1, "stopped"), SessionEnd(2, "stopped")
    assert first.produced is not second.produced


def test_a_fraction_is_no_place() -> None:
    """A pointer's place is an integer: a fraction is refused, not rounded."""
    with pytest.raises(RecordError):
        decode_record(msgspec.msgpack.encode({"type": "move", "timestamp_ns": 1, "x": 1.5, "y": math.pi}))
    assert decode_record(msgspec.msgpack.encode({"type": "move", "timestamp_ns": 1, "x": 1, "y": 2})) == PointerMove(1, 1, 2)
