"""The one encoder of records (MessagePack). Raw types have none, so they can't be written by mistake."""

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


def tree_digest(nodes: tuple[UiNode, ...]) -> str:
    """Return the xxh3-128 of the encoded nodes, 32 hex digits: equal trees have equal names."""
    return xxhash.xxh3_128_hexdigest(_encoder.encode(nodes))
