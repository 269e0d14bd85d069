"""What crosses the wire between device and hub, and the catalogue row that a sealed session gets."""

from typing import Literal

import msgspec

from witting.terms.programme import Programme
from witting.terms.session import Signed


class ProgrammeOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What an invitation opens: the programme, its notice, and the hub's public keys."""

    programme: Programme
    programme_digest: str
    notice_markdown: str
    notice_digest: str
    signing_key: bytes  # Ed25519, 32 bytes: receipts and checkpoints
    box_key: bytes  # X25519, 32 bytes: parcels' keys are sealed to it
    log_origin: str


class LogProof(msgspec.Struct, frozen=True, kw_only=True):
    """All that is needed to verify one entry offline (RFC 6962, C2SP tlog-checkpoint)."""

    index: int
    entry: bytes
    checkpoint: str  # signed note
    hashes: tuple[bytes, ...]  # inclusion proof
    opening: bytes = b""  # JSON {"fields", "salt"} that opens the entry, only for the person it concerns; empty otherwise


class ConsentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The receipt, and the proof that the consent is in the log."""

    receipt: Signed
    proof: LogProof


class UploadIntent(msgspec.Struct, frozen=True, kw_only=True):
    """Signed ask to send one parcel; the door checks consent before a byte comes in."""

    parcel: Signed
    sent_at: str


class UploadState(msgspec.Struct, frozen=True, kw_only=True):
    """Which objects the hub still lacks."""

    upload_id: str
    missing: tuple[str, ...]


class ParcelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The parcel is stored; the same parcel sent twice gets the same answer."""

    parcel_id: str
    session_id: str
    proof: LogProof


class WithdrawalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The signed deletion receipt and the log proof of the withdrawal."""

    receipt: Signed
    proof: LogProof
    narrowed: Signed | None = None  # the receipt of what is still lent, where a purpose or kind was withdrawn


class DeedsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A participant asks what was done with their data; signed as a `Signed` of kind "deeds"."""

    participant: str
    programme_id: str
    asked_at: str  # RFC 3339 UTC; answered within minutes only


class DeedShown(msgspec.Struct, frozen=True, kw_only=True):
    """One deed about the participant who asked."""

    kind: str  # as the log says it in the clear
    done_at: str  # RFC 3339 UTC
    session_id: str  # empty when it is about none or several
    proof: LogProof  # with its opening


class DeedsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the log holds about a participant, oldest first; reads included."""

    deeds: tuple[DeedShown, ...]


EnquiryKind = Literal["question", "finding"]
"""A question wants an answer; a finding says that something isn't as it should be."""


class Enquiry(msgspec.Struct, frozen=True, kw_only=True):
    """A participant asks, or files what isn't as it should be; signed as a `Signed` of kind "enquiry"."""

    enquiry_id: str  # 32 hex digits, fresh: the same one sent twice is one
    participant: str
    programme_id: str
    kind: EnquiryKind
    text: str  # stays with the hub for good, whoever leaves
    asked_at: str  # RFC 3339 UTC


class EnquiriesRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A participant asks for what they asked and what was answered; signed as a `Signed` of kind "enquiries"."""

    participant: str
    programme_id: str
    asked_at: str  # RFC 3339 UTC; answered within minutes only


class EnquiryShown(msgspec.Struct, frozen=True, kw_only=True):
    """A question or finding as whoever filed it sees it."""

    number: int  # public: the index of its log entry
    kind: EnquiryKind
    text: str
    filed_at: str  # RFC 3339 UTC
    due_at: str  # by when it is to be answered
    citation: str  # which rule sets that day
    proof: LogProof  # that it was filed, with its opening
    answer: str = ""  # empty while there is none
    answered_at: str = ""
    answer_proof: LogProof | None = None  # that it was answered so, with its opening


class EnquiriesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a participant asked or filed, oldest first."""

    enquiries: tuple[EnquiryShown, ...]


class CatalogueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stored session as the lab may see it."""

    session_id: str
    parcel_id: str
    programme_id: str
    participant: str
    receipt_id: str
    purposes: tuple[str, ...]
    records: int
    size_bytes: int
    content_digest: str
    stored_at: str
