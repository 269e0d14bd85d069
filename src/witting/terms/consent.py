"""Consent records, receipts and withdrawals in the words of ISO/IEC TS 27560 and DPV; the gate's question and verdict."""

from datetime import datetime
from typing import Literal

import msgspec

from witting.terms.events import KeysLevel, Stream

ConsentStatus = Literal["requested", "given", "refused", "reconfirmed", "withdrawn", "expired", "invalidated", "terminated"]


class Grant(msgspec.Struct, frozen=True, order=True):
    """One purpose, stream and app that are lent together."""

    purpose: str
    stream: Stream
    app: str


class ConsentStatement(msgspec.Struct, frozen=True, kw_only=True):
    """What a participant signs when opting in: every choice, and the exact notice they read."""

    participant: str  # pseudonym within the programme, 32 hex digits
    participant_key: bytes  # Ed25519 public key, 32 bytes
    programme_id: str
    programme_version: int
    programme_digest: str  # sha256 of the RFC 8785 bytes of the programme
    notice_digest: str  # sha256 of the notice text shown
    invite: str  # the invitation's token
    grants: tuple[Grant, ...]
    given_at: str  # RFC 3339 UTC
    keys_level: KeysLevel = "text"  # how much of typing, where the keys stream is granted at all


class ConsentReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The participant's copy of the consent record (ISO/IEC TS 27560), signed by the controller as a `Signed` of kind "receipt"."""

    schema_version: Literal["ISO/IEC TS 27560:2023"]
    receipt_id: str
    participant: str
    participant_key: bytes
    programme_id: str
    programme_version: int
    programme_digest: str
    notice_digest: str
    language: str
    jurisdiction: str
    legal_basis: str
    controller: str
    controller_contact: str
    recipients: tuple[str, ...]
    withdrawal_method: str
    retention_days: int
    status: ConsentStatus
    grants: tuple[Grant, ...]
    given_at: str
    expires_at: str
    log_index: int = -1  # the log entry of this consent
    keys_level: KeysLevel = "text"  # how much of typing, where the keys stream is granted at all; never above the programme's


class Item(msgspec.Struct, frozen=True, order=True):
    """A part of a sent session: whatever happened from one moment to another, both included; a picture, a text, one step."""

    session_id: str
    from_us: int  # the session's CLOCK_MONOTONIC in microseconds, which RFC 8785 can still say after a year without a restart
    to_us: int


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """Leaving, whole or for some sessions; no reason is asked."""

    participant: str
    programme_id: str
    receipt_id: str
    sessions: tuple[str, ...] = ()  # only these; nothing named at all = everything, and consent ends
    withdrawn_at: str
    purposes: tuple[str, ...] = ()  # nothing is lent for these any more; what is lent for others stays
    streams: tuple[Stream, ...] = ()  # these kinds are taken out of everything; the rest stays
    items: tuple[Item, ...] = ()  # these are taken out of their sessions; the rest stays


class DeletionReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased, said by the hub and signed by it; counts equal what a scan finds."""

    deletion_id: str
    participant: str
    programme_id: str
    sessions: tuple[str, ...]
    objects: int
    keys_destroyed: int
    bytes_erased: int
    datasets_touched: tuple[str, ...]
    models_touched: tuple[str, ...]
    erased_at: str
    log_index: int
    records_removed: int = 0  # taken out of sessions that stay, because their kind was withdrawn
    purposes: tuple[str, ...] = ()  # that nothing is lent for any more
    streams: tuple[Stream, ...] = ()  # kinds that were taken out
    exports_touched: tuple[str, ...] = ()  # handed out; who got them is told by the day in `exports_told_by`
    exports_told_by: str = ""  # RFC 3339 UTC; empty where there is nobody to tell
    items: tuple[Item, ...] = ()  # that were taken out of sessions that stay
    found: tuple[str, ...] = ()  # what a search of store, staging and keys found before, by name
    left: tuple[str, ...] = ()  # what the same search found after: nothing, or there would be no receipt


GateReason = Literal[
    "allowed", "no_receipt", "bad_signature", "not_given", "withdrawn", "expired", "not_yet", "programme_changed", "programme_over",
    "packs_expired", "purpose_not_granted", "stream_not_granted", "app_not_granted", "site_not_listed", "unknown_app",
]  # fmt: skip


class GateQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """May this be done, for this purpose, with this stream of this app, at this time? Role, grade and name aren't asked."""

    purpose: str
    stream: Stream
    app: str
    site: str = ""  # origin, for browsers
    at: datetime  # aware, UTC


class Verdict(msgspec.Struct, frozen=True):
    """The gate's answer with its one reason."""

    is_allowed: bool
    reason: GateReason
