"""The one encoder of records (MessagePack). Raw types have none, so they can't be written by mistake."""

import struct
from collections.abc import Iterator

import msgspec
import xxhash

from witting.terms.errors import RecordError
from witting.terms.session import Record
from witting.terms.tree import UiNode

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def encode_record(record: Record) -> bytes:
    """Return the bytes of a record."""
    return _encoder.encode(record)


def decode_record(data: bytes) -> Record:
    """Return the record in `data`.

    Raises:
        RecordError: the bytes are no record of this version.
    """
    try:
        record: Record = _decoder.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        message = f"a record of {len(data)} bytes can't be decoded ({type(error).__name__})"
        raise RecordError(message, hint="the rest of the session is still readable; run `witting verify`") from None
    return record


def frame_record(record: Record) -> bytes:
    """Return the record's bytes behind their length (uint32, little endian): how records stand in files and parcels."""
    data = encode_record(record)
    return struct.pack("<I", len(data)) + data


def split_frames(data: bytes) -> Iterator[bytes]:
    """Yield the encoded records in a run of length-prefixed ones.

    Raises:
        RecordError: the last record is cut.
    """
    at = 0
    while at < len(data):
        end = at + 4 + (int.from_bytes(data[at : at + 4], "little") if at + 4 <= len(data) else 0)
        if end > len(data) or at + 4 > len(data):
            message = f"a run of {len(data)} bytes ends within a record"
            raise RecordError(message, hint="the records before it are still readable; run `witting verify`")
        yield data[at + 4 : end]
        at = end


def tree_digest(nodes: tuple[UiNode, ...]) -> str:
    """Return the xxh3-128 of the encoded nodes, 32 hex digits: equal trees have equal names."""
    return xxhash.xxh3_128_hexdigest(_encoder.encode(nodes))
