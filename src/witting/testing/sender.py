"""A synthetic participant as the hub meets one: signs statements, packs and seals parcels, asks what was done.

For tests of the hub and of what reads its vault; no device, spool or review. Invariant: what it signs is what a real device would.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import zstandard

from witting.ledger.keys import SigningKey, open_signed, seal_to
from witting.ledger.pseudonyms import new_pseudonym, new_session_id
from witting.ledger.seals import new_key, seal_object
from witting.terms.codec import frame_record
from witting.terms.consent import ConsentReceipt, ConsentStatement, Grant, Item, Withdrawal
from witting.terms.events import Stream
from witting.terms.hub import ConsentAnswer, DeedsRequest, EnquiriesRequest, Enquiry, EnquiryKind, ProgrammeOffer, UploadIntent
from witting.terms.programme import Programme
from witting.terms.session import Parcel, Record, SealedObject, SessionHeader, Signed


@dataclass
class Sender:
    """One person's keys and what the hub answered them."""

    offer: ProgrammeOffer  # what the invitation opened
    invite: str  # its token
    key: SigningKey = field(default_factory=SigningKey.generate)
    pseudonym: str = field(default_factory=new_pseudonym)
    receipt: ConsentReceipt | None = None  # set by `keep`

    def consent(self, at: str, *, grants: Iterable[Grant] | None = None) -> Signed:
        """Return signed choices; everything that is asked for unless `grants` says otherwise."""
        chosen = everything(self.offer.programme) if grants is None else tuple(grants)
        statement = ConsentStatement(
            participant=self.pseudonym,
            participant_key=self.key.public,
            programme_id=self.offer.programme.id,
            programme_version=self.offer.programme.version,
            programme_digest=self.offer.programme_digest,
            notice_digest=self.offer.notice_digest,
            invite=self.invite,
            grants=chosen,
            given_at=at,
            keys_level=self.offer.programme.keys_level,
        )
        return self.key.sign("consent", statement)

    def keep(self, answer: ConsentAnswer) -> ConsentReceipt:
        """Keep the receipt of an answer, checked against the hub's key, and return it."""
        self.receipt = open_signed(answer.receipt, "receipt", statement_type=ConsentReceipt, key=self.offer.signing_key)
        return self.receipt

    def header(self, *, recorded_at: str, session_id: str = "", purposes: Sequence[str] = ()) -> SessionHeader:
        """Return the header of a session recorded under the receipt kept."""
        receipt = self._receipt()
        return SessionHeader(
            session_id=session_id or new_session_id(),
            programme_id=receipt.programme_id,
            programme_digest=receipt.programme_digest,
            receipt_id=receipt.receipt_id,
            purposes=tuple(purposes) or tuple(sorted({grant.purpose for grant in receipt.grants} - self.offer.programme.desk_purposes)),
            streams=tuple(sorted({grant.stream for grant in receipt.grants})),
            recorded_at=recorded_at,
            started_ns=1_000_000_000,
            recorder_version="synthetic",
            width_px=1280,
            height_px=800,
        )

    def pack(self, records: Sequence[Record], *, at: str, per_object: int = 20) -> tuple[Parcel, dict[str, bytes]]:
        """Return the parcel of a session's records, the first of which is its header, and its sealed objects by digest."""
        header = records[0]
        if not isinstance(header, SessionHeader):
            raise TypeError("a session begins with its header")
        key, framed = new_key(), [frame_record(record) for record in records]
        objects: dict[str, bytes] = {}
        for ordinal, start in enumerate(range(0, len(framed), per_object)):
            packed = zstandard.compress(b"".join(framed[start : start + per_object]))
            sealed = seal_object(key, packed, name=b"witting-object\0" + ordinal.to_bytes(4, "little"))
            objects[hashlib.sha256(sealed).hexdigest()] = sealed
        parcel = Parcel(
            parcel_id=new_session_id(),
            session_id=header.session_id,
            programme_id=header.programme_id,
            programme_digest=header.programme_digest,
            participant=self.pseudonym,
            receipt_id=header.receipt_id,
            purposes=header.purposes,
            objects=tuple(SealedObject(digest, len(sealed)) for digest, sealed in objects.items()),
            content_digest=hashlib.sha256(b"".join(framed)).hexdigest(),
            records=len(framed),
            sealed_key=seal_to(self.offer.box_key, key),
            reviewed_at=at,
        )
        return parcel, objects

    def intent(self, parcel: Parcel, *, at: str) -> Signed:
        """Return the signed ask to send a parcel."""
        return self.key.sign("upload", UploadIntent(parcel=self.key.sign("parcel", parcel), sent_at=at))

    def withdrawal(
        self,
        at: str,
        *,
        sessions: Sequence[str] = (),
        purposes: Sequence[str] = (),
        streams: Sequence[Stream] = (),
        items: Sequence[Item] = (),
    ) -> Signed:
        """Return a signed withdrawal of some sessions, parts of them, purposes or kinds, or of everything."""
        receipt = self._receipt()
        withdrawal = Withdrawal(
            participant=self.pseudonym,
            programme_id=receipt.programme_id,
            receipt_id=receipt.receipt_id,
            sessions=tuple(sessions),
            withdrawn_at=at,
            purposes=tuple(purposes),
            streams=tuple(streams),
            items=tuple(items),
        )
        return self.key.sign("withdrawal", withdrawal)

    def deeds_request(self, at: str) -> Signed:
        """Return the signed question what was done with this person's data."""
        request = DeedsRequest(participant=self.pseudonym, programme_id=self.offer.programme.id, asked_at=at)
        return self.key.sign("deeds", request)

    def enquiry(self, text: str, at: str, *, kind: EnquiryKind = "question", enquiry_id: str = "") -> Signed:
        """Return a signed question or finding."""
        asked = Enquiry(
            enquiry_id=enquiry_id or new_session_id(),
            participant=self.pseudonym,
            programme_id=self.offer.programme.id,
            kind=kind,
            text=text,
            asked_at=at,
        )
        return self.key.sign("enquiry", asked)

    def enquiries_request(self, at: str) -> Signed:
        """Return the signed request for what this person asked and what was answered."""
        request = EnquiriesRequest(participant=self.pseudonym, programme_id=self.offer.programme.id, asked_at=at)
        return self.key.sign("enquiries", request)

    def _receipt(self) -> ConsentReceipt:
        if self.receipt is None:
            raise ValueError("this person has given no consent yet")
        return self.receipt


def everything(programme: Programme) -> tuple[Grant, ...]:
    """Return every purpose, stream and app that a programme asks for."""
    return tuple(
        Grant(purpose.id, stream, app.id) for purpose in programme.purposes for stream in purpose.streams for app in programme.apps
    )


def body(statement: Signed) -> bytes:
    """Return a signed statement as it goes over the wire."""
    return msgspec.json.encode(statement)
