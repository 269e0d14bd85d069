"""A session as it is kept and as it leaves: header, records, end; and the parcel that a participant reviewed and signed."""

import msgspec

from witting.terms.events import Event, Frame, InputSettings, KeysChoice, PathDetail, Stream, Tile
from witting.terms.tree import UiTree


class SessionHeader(msgspec.Struct, frozen=True, tag="header"):
    """The first record of every session; says under which consent it was made."""

    session_id: str  # opaque, 32 hex digits, says nothing of the person
    programme_id: str
    programme_digest: str
    receipt_id: str
    purposes: tuple[str, ...]
    streams: tuple[Stream, ...]
    recorded_at: str  # RFC 3339 UTC, rounded to the hour
    started_ns: int  # CLOCK_MONOTONIC of the first record
    platform: str = "linux-x11"
    is_verified: bool = True  # whether recording on this platform is tested; Windows and macOS aren't
    recorder_version: str = ""
    width_px: int = 0
    height_px: int = 0
    keys_level: KeysChoice = "text"  # how much of typing was lent
    pointer_path: PathDetail = "raw"  # how the pointer's way is told; recordings from before it was ever reduced don't say
    input_settings: InputSettings = InputSettings()  # at the start; empty where neither pointer nor keys are lent


class SessionEnd(msgspec.Struct, frozen=True, tag="end"):
    """The last record: why recording ended, and the counts that must reconcile (produced = kept + gapped + reduced)."""

    timestamp_ns: int
    reason: str
    produced: dict[str, int] = {}
    kept: dict[str, int] = {}
    gapped: dict[str, int] = {}
    reduced: dict[str, int] = {}  # became part of a coarser record that was kept


Record = SessionHeader | Event | Frame | Tile | UiTree | SessionEnd


class SealedObject(msgspec.Struct, frozen=True):
    """One object of a parcel: the sha256 (hex) and size of its sealed bytes."""

    digest: str
    size_bytes: int


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What a participant reviewed and lets go: the list of sealed objects and what they were made under."""

    parcel_id: str
    session_id: str
    programme_id: str
    programme_digest: str
    participant: str  # pseudonym within the programme
    receipt_id: str
    purposes: tuple[str, ...]
    objects: tuple[SealedObject, ...]
    content_digest: str  # sha256 (hex) over the encoded records in order, as reviewed
    records: int
    sealed_key: bytes  # the objects' key, sealed to the hub's box key
    reviewed_at: str  # RFC 3339 UTC


class Signed(msgspec.Struct, frozen=True):
    """A statement with its Ed25519 signature over `payload`, the RFC 8785 bytes of what is stated."""

    kind: str  # what the payload decodes as: "consent", "withdrawal", "parcel", "upload", "receipt", …
    payload: bytes
    key: bytes  # the signer's public key, 32 bytes
    signature: bytes  # 64 bytes, over kind, a zero byte, payload
