"""What a parcel says against what is in it: every record decoded, counted, digested, asked of the gate.

Knows nothing of storage. Invariant: a parcel that passes holds exactly the records its signer reviewed, all of declared types, under the
receipt and purposes it names, and each lent for at least one of them.
"""

import hashlib
from datetime import datetime, timedelta

import xxhash
import zstandard

from witting.hub.door.asking import refused
from witting.hub.lending import Lending
from witting.terms.clock import parse_rfc3339
from witting.terms.codec import decode_record, encode_record, split_frames, tree_digest
from witting.terms.consent import ConsentReceipt
from witting.terms.errors import IntegrityError, NoConsentError, RecordError
from witting.terms.events import Frame, Tile
from witting.terms.session import Parcel, Record, SessionEnd, SessionHeader
from witting.terms.tree import UiTree

TILE_PX = 64
_TILE_BYTES = TILE_PX * TILE_PX * 3
_NAME_BYTES = 16  # xxh3-128
_HINT = "nothing of this session was stored; make the parcel again and send it"
_ROUNDING = timedelta(hours=1)  # a session's time of day is rounded to the hour


class Contents:
    """Reads a parcel's objects in order and refuses the first thing that isn't as it was signed."""

    def __init__(self, parcel: Parcel, receipt: ConsentReceipt, *, lending: Lending, at: datetime) -> None:
        self._parcel = parcel
        self._receipt = receipt
        self._lending = lending
        self._at = at
        self._digest = hashlib.sha256()
        self._records = 0
        self._has_ended = False

    def check(self, packed: bytes) -> None:
        """Take the unpacked records of the next object.

        Raises:
            RecordError: a record can't be decoded, isn't of a declared form, or stands where it can't.
            IntegrityError: the session's header contradicts the parcel.
            NoConsentError: a record isn't lent for any purpose of the parcel.
        """
        for data in split_frames(packed):
            self._check_record(_decode(data))
            self._records += 1
        self._digest.update(packed)

    def finish(self) -> None:
        """Check what only the whole session shows.

        Raises:
            IntegrityError: records or their digest aren't those that were signed.
        """
        if self._records != self._parcel.records or self._digest.hexdigest() != self._parcel.content_digest:
            message = f"the parcel holds {self._records} records that aren't the {self._parcel.records} reviewed"
            raise IntegrityError(message, hint=_HINT)

    def _check_record(self, record: Record) -> None:
        if self._has_ended or isinstance(record, SessionHeader) is not (self._records == 0):
            raise RecordError("a session doesn't begin with its one header or goes on after its end", hint=_HINT)
        self._has_ended = isinstance(record, SessionEnd)
        if isinstance(record, SessionHeader):
            self._check_header(record)
        _check_names(record)
        if not self._lending.ask(record).possibly:
            raise refused(self._lending, what=f"a record ({type(record).__name__})")

    def _check_header(self, header: SessionHeader) -> None:
        parcel = self._parcel
        same = ("session_id", "programme_id", "programme_digest", "receipt_id")
        differing = [name for name in same if getattr(header, name) != getattr(parcel, name)]
        if differing or set(header.purposes) != set(parcel.purposes):
            message = f"the session's header and its parcel differ in {', '.join(differing) or 'purposes'}"
            raise IntegrityError(message, hint=_HINT)
        recorded = _time(header.recorded_at)
        if not _time(self._receipt.given_at) - _ROUNDING <= recorded <= min(_time(self._receipt.expires_at), self._at + _ROUNDING):
            raise NoConsentError("the session was recorded outside the time of consent", hint="nothing of it was stored")


def _decode(data: bytes) -> Record:
    """Return the record, which must be in its one encoding: what isn't declared has no place to hide."""
    record = decode_record(data)
    if encode_record(record) != data:
        message = f"a {type(record).__name__} holds something that isn't declared"
        raise RecordError(message, hint="device and hub must be of the same version; nothing was stored")
    return record


def _check_names(record: Record) -> None:
    """Check that what is named by a digest has that digest."""
    if isinstance(record, UiTree) and record.digest != tree_digest(record.nodes):
        raise RecordError("a tree doesn't have the digest it is named by", hint=_HINT)
    if isinstance(record, Tile) and record.digest != _tile_name(record.data):
        raise RecordError("a tile doesn't have the digest it is named by", hint=_HINT)
    if isinstance(record, Frame):
        columns, rows = -(-record.width_px // TILE_PX), -(-record.height_px // TILE_PX)
        if len(record.tiles) != columns * rows * _NAME_BYTES:
            raise RecordError("a frame doesn't name the tiles of its size", hint=_HINT)


def _tile_name(data: bytes) -> str:
    try:
        if zstandard.get_frame_parameters(data).content_size != _TILE_BYTES:
            return ""
        pixels = zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)
    except zstandard.ZstdError:
        raise RecordError("a tile can't be unpacked", hint=_HINT) from None
    return xxhash.xxh3_128_hexdigest(pixels)


def _time(text: str) -> datetime:
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise RecordError("a time in the session isn't one", hint=_HINT) from None
