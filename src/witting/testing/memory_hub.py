"""A hub in memory with the routes of the real one: keeps what it is sent in dicts, signs and logs for real, asks no gate.

For tests of the device and for trying pages without a server. Invariant: its answers are signed and proven as the real hub's are.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import zstandard

from witting.consent.notice import make_notice
from witting.consent.programme import programme_digest
from witting.consent.receipts import make_receipt, verify_statement
from witting.device.review import OBJECT_NAME
from witting.device.send import HubClient
from witting.ledger.keys import BoxKey, SigningKey, digest_of, open_signed
from witting.ledger.log import Log, MemoryLogStore, Opening, commit_entry, new_salt
from witting.ledger.log.entries import Field, entry_kind
from witting.ledger.pseudonyms import new_session_id
from witting.ledger.seals import open_object
from witting.terms.clock import Clock, SystemClock, rfc3339
from witting.terms.codec import decode_record, split_frames
from witting.terms.consent import ConsentReceipt, DeletionReceipt, Item, Withdrawal
from witting.terms.errors import NoConsentError, UsageError, WittingError
from witting.terms.hub import (
    ConsentAnswer,
    DeedsAnswer,
    DeedShown,
    DeedsRequest,
    EnquiriesAnswer,
    EnquiriesRequest,
    Enquiry,
    EnquiryShown,
    LogProof,
    ParcelAnswer,
    ProgrammeOffer,
    UploadIntent,
    UploadState,
    WithdrawalAnswer,
)
from witting.terms.insight import GroupRelease, GroupStanding, InsightShown, ReleaseShown
from witting.terms.programme import Programme
from witting.terms.session import Parcel, Record, Signed

ORIGIN = "memory-hub"


class MemoryHub:
    """One programme, any number of participants. `before` is called with method and path ahead of each request; raise in it to fail one."""

    def __init__(self, programme: Programme, *, clock: Clock | None = None, before: Callable[[str, str], None] | None = None) -> None:
        self.programme = programme
        self.signing, self.box = SigningKey.generate(), BoxKey.generate()
        self.log = Log(MemoryLogStore())
        self.consents: dict[str, ConsentAnswer] = {}  # by digest of the statement
        self.parcels: dict[str, tuple[Parcel, dict[str, bytes]]] = {}  # committed, by session id
        self.deeds: list[tuple[str, DeedShown]] = []  # whom each concerns, and what is shown to them
        self.enquiries: dict[str, tuple[str, EnquiryShown]] = {}  # whose and what, by id
        self.items: tuple[Item, ...] = ()  # that were taken back; nothing is taken out of what is stored here
        self.releases: list[ReleaseShown] = []  # of figures about groups, newest first
        self.requests: list[tuple[str, str]] = []  # method and path of all that came in
        self.before = before
        self._clock = clock or SystemClock()
        self._uploads: dict[str, tuple[Parcel, dict[str, bytes]]] = {}
        self._answers: dict[str, Any] = {}  # of commits and withdrawals, by what they are about

    def offer(self) -> ProgrammeOffer:
        """Return what every invitation opens."""
        notice = make_notice(self.programme)
        return ProgrammeOffer(
            programme=self.programme,
            programme_digest=programme_digest(self.programme),
            notice_markdown=notice.markdown,
            notice_digest=notice.digest,
            signing_key=self.signing.public,
            box_key=self.box.public,
            log_origin=ORIGIN,
        )

    def consent(self, signed: Signed) -> ConsentAnswer:
        """Take signed choices; the same twice gets the same answer."""
        statement = verify_statement(signed)
        digest = digest_of(statement)
        if digest not in self.consents:
            index, proof = self.enter("consent_given", statement.participant)
            receipt = make_receipt(statement, self.programme, at=self._clock.now(), log_index=index, controller_key=self.signing)
            self.consents[digest] = ConsentAnswer(receipt=receipt, proof=proof)
        return self.consents[digest]

    def open_upload(self, signed: Signed) -> UploadState:
        """Say what is missing of a parcel."""
        intent = open_signed(signed, "upload", statement_type=UploadIntent)
        parcel = open_signed(intent.parcel, "parcel", statement_type=Parcel, key=signed.key)
        _, objects = self._uploads.setdefault(parcel.parcel_id, (parcel, {}))
        return UploadState(
            upload_id=parcel.parcel_id, missing=tuple(entry.digest for entry in parcel.objects if entry.digest not in objects)
        )

    def put_object(self, upload_id: str, digest: str, *, data: bytes) -> None:
        """Take one sealed object."""
        parcel, objects = self._uploads[upload_id]
        if hashlib.sha256(data).hexdigest() != digest or digest not in {entry.digest for entry in parcel.objects}:
            raise UsageError("the parcel names no such object")
        objects[digest] = data

    def commit(self, upload_id: str) -> ParcelAnswer:
        """Store a complete parcel; the same twice gets the same answer."""
        parcel, objects = self._uploads[upload_id]
        if len(objects) < len(parcel.objects):
            raise UsageError("objects are missing")
        if upload_id not in self._answers:
            _, proof = self.enter("upload_stored", parcel.participant, session_id=parcel.session_id)
            self.parcels[parcel.session_id] = (parcel, objects)
            self._answers[upload_id] = ParcelAnswer(parcel_id=parcel.parcel_id, session_id=parcel.session_id, proof=proof)
        answer: ParcelAnswer = self._answers[upload_id]
        return answer

    def withdraw(self, signed: Signed) -> WithdrawalAnswer:
        """Erase what the withdrawal is about; the same twice gets the same answer."""
        withdrawal = open_signed(signed, "withdrawal", statement_type=Withdrawal)
        digest = digest_of(withdrawal)
        known = {open_signed(one.receipt, "receipt", statement_type=_Named).participant for one in self.consents.values()}
        if withdrawal.participant not in known:
            raise NoConsentError("the hub has no consent of this participant")
        if digest not in self._answers:
            self._answers[digest] = self._erase(withdrawal)
        answer: WithdrawalAnswer = self._answers[digest]
        return answer

    def content(self, session_id: str) -> bytes:
        """Return the length-prefixed records of a stored session, unsealed."""
        parcel, objects = self.parcels[session_id]
        key = self.box.open(parcel.sealed_key)
        names = (OBJECT_NAME + index.to_bytes(4, "little") for index in range(len(parcel.objects)))
        unseal = zstandard.ZstdDecompressor().decompress
        return b"".join(
            unseal(open_object(key, objects[entry.digest], name=name)) for name, entry in zip(names, parcel.objects, strict=True)
        )

    def read(self, session_id: str) -> Iterator[Record]:
        """Yield the records of a stored session."""
        return map(decode_record, split_frames(self.content(session_id)))

    def log_of(self, kind: str) -> list[int]:
        """Return the indexes of the log's entries of a kind."""
        return [index for index in range(self.log.size) if entry_kind(self.log.entry(index)) == kind]

    def client(self) -> HubClient:
        """Return a client that reaches this hub without any network."""
        return HubClient("http://memory.example.org", client=httpx.Client(transport=httpx.MockTransport(self.handle)))

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request as the real hub would."""
        path = request.url.path
        self.requests.append((request.method, path))
        if self.before is not None:
            self.before(request.method, path)
        for method, pattern, name in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                return self._answer(getattr(self, name), request.content, names=found.groups())
        return httpx.Response(404)

    def _answer(self, route: Callable[..., object], body: bytes, *, names: tuple[str, ...]) -> httpx.Response:
        try:
            answer = route(body, *names)
        except WittingError as error:
            problem = {"error": str(error), "hint": error.hint, "exit_code": error.exit_code}
            return httpx.Response(409, content=msgspec.json.encode(problem))
        return httpx.Response(200, content=answer.encode() if isinstance(answer, str) else msgspec.json.encode(answer))

    def _get_offer(self, _: bytes, __: str) -> ProgrammeOffer:
        return self.offer()

    def _post_consent(self, body: bytes) -> ConsentAnswer:
        return self.consent(_read(body))

    def _post_upload(self, body: bytes) -> UploadState:
        return self.open_upload(_read(body))

    def _put_object(self, body: bytes, upload_id: str, digest: str) -> None:
        self.put_object(upload_id, digest, data=body)

    def _post_commit(self, _: bytes, upload_id: str) -> ParcelAnswer:
        return self.commit(upload_id)

    def _post_withdrawal(self, body: bytes) -> WithdrawalAnswer:
        return self.withdraw(_read(body))

    def _post_deeds(self, body: bytes) -> DeedsAnswer:
        request = open_signed(_read(body), "deeds", statement_type=DeedsRequest)
        shown = [deed for participant, deed in self.deeds if participant == request.participant]
        return DeedsAnswer(deeds=tuple(shown))

    def _post_enquiry(self, body: bytes) -> EnquiryShown:
        asked = open_signed(_read(body), "enquiry", statement_type=Enquiry)
        known = self.enquiries.get(asked.enquiry_id)
        if known is None:
            kind = "question_asked" if asked.kind == "question" else "finding_filed"
            due_at = rfc3339(self._clock.now() + timedelta(days=30))
            said = {"text_sha256": hashlib.sha256(asked.text.encode()).hexdigest(), "due_at": due_at, "enquiry_id": asked.enquiry_id}
            number, proof = self.enter(kind, asked.participant, fields=said)
            filed = EnquiryShown(
                number=number,
                kind=asked.kind,
                text=asked.text,
                filed_at=self.deeds[-1][1].done_at,
                due_at=due_at,
                citation="a rule",
                proof=proof,
            )
            known = self.enquiries[asked.enquiry_id] = (asked.participant, filed)
        return known[1]

    def _post_enquiries(self, body: bytes) -> EnquiriesAnswer:
        asked = open_signed(_read(body), "enquiries", statement_type=EnquiriesRequest)
        return EnquiriesAnswer(enquiries=tuple(one for whose, one in self.enquiries.values() if whose == asked.participant))

    def answer(self, number: int, text: str) -> None:
        """Answer a question or finding, as whoever runs the programme would."""
        for key, (whose, one) in self.enquiries.items():
            if one.number == number:
                said: dict[str, Field] = {"number": number, "answer_sha256": hashlib.sha256(text.encode()).hexdigest()}
                _, proof = self.enter("enquiry_answered", whose, fields=said)
                at = self.deeds[-1][1].done_at
                self.enquiries[key] = (whose, msgspec.structs.replace(one, answer=text, answered_at=at, answer_proof=proof))

    def release(self, made: GroupRelease, pictures: dict[str, str]) -> None:
        """Release figures about groups, as the real hub would on their day."""
        body = msgspec.json.encode(made)
        said: dict[str, Field] = {
            "programme_id": made.programme_id,
            "number": made.number,
            "rho_nano": 1,
            "spent_nano": made.number,
            "release_sha256": hashlib.sha256(body).hexdigest(),
        }
        _, proof = self.enter("insight_released", "", fields=said)
        self.releases.insert(0, ReleaseShown(release=body, pictures=pictures, proof=proof))

    def _get_insight(self, _: bytes, programme_id: str) -> InsightShown:
        why = "Too few people lend." if not self.releases else "Enough people lend."
        stands = GroupStanding(
            detail="figures" if self.releases else "nothing", why=why, next_on="2027-02-22", smallest=105, releases_left=3
        )
        return InsightShown(programme_id=programme_id, standing=stands, releases=tuple(self.releases))

    def _get_checkpoint(self, _: bytes) -> str:
        return self.log.checkpoint(ORIGIN, self.signing)

    def _get_proof(self, _: bytes, index: str) -> LogProof:
        return self.log.prove(int(index), ORIGIN, signing_key=self.signing)

    def _get_consistency(self, _: bytes, *sizes: str) -> tuple[bytes, ...]:
        old, new = map(int, sizes)
        return self.log.consistency_proof(old, new)

    def enter(
        self, kind: str, participant: str, *, session_id: str = "", fields: Mapping[str, Field] | None = None
    ) -> tuple[int, LogProof]:
        """Do a deed: enter it in the log, and keep what opens the entry for the participant."""
        salt, done_at = new_salt(), rfc3339(self._clock.now())
        said: dict[str, Field] = {"done_at": done_at, "participant": participant, "session_id": session_id, **(fields or {})}
        index = self.log.append(commit_entry(kind, said, salt=salt))
        proof = self.log.prove(index, ORIGIN, signing_key=self.signing)
        proof = msgspec.structs.replace(proof, opening=msgspec.json.encode(Opening(said, salt.hex())))
        self.deeds.append((participant, DeedShown(kind=kind, done_at=done_at, session_id=session_id, proof=proof)))
        return index, proof

    def _erase(self, withdrawal: Withdrawal) -> WithdrawalAnswer:
        gone = {
            session_id: stored
            for session_id, stored in self.parcels.items()
            if stored[0].participant == withdrawal.participant and (session_id in withdrawal.sessions or not withdrawal.sessions)
        }
        narrowed = self._narrow(withdrawal)
        gone = {} if narrowed is not None or withdrawal.items else gone
        index, proof = self.enter("withdrawal", withdrawal.participant)
        for session_id in gone:
            del self.parcels[session_id]
        receipt = DeletionReceipt(
            deletion_id=new_session_id(),
            participant=withdrawal.participant,
            programme_id=withdrawal.programme_id,
            sessions=tuple(sorted({*gone, *withdrawal.sessions})),
            objects=sum(len(objects) for _, objects in gone.values()),
            keys_destroyed=len(gone),
            bytes_erased=sum(len(data) for _, objects in gone.values() for data in objects.values()),
            datasets_touched=(),
            models_touched=(),
            erased_at=rfc3339(self._clock.now()),
            log_index=index,
            items=withdrawal.items,
        )
        self.items += withdrawal.items
        return WithdrawalAnswer(receipt=self.signing.sign("deletion", receipt), proof=proof, narrowed=narrowed)

    def _narrow(self, withdrawal: Withdrawal) -> Signed | None:
        """Return the receipt of what is left when purposes or kinds were withdrawn; nothing is taken out of what is stored here."""
        every = [open_signed(one.receipt, "receipt", statement_type=ConsentReceipt) for one in self.consents.values()]
        (*_, latest) = [receipt for receipt in every if receipt.participant == withdrawal.participant]
        left = tuple(one for one in latest.grants if one.purpose not in withdrawal.purposes and one.stream not in withdrawal.streams)
        if left in {latest.grants, ()}:
            return None
        return self.signing.sign("receipt", msgspec.structs.replace(latest, receipt_id=digest_of(withdrawal)[:32], grants=left))


class _Named(msgspec.Struct):
    """Of a receipt, whom it names."""

    participant: str


_ROUTES: tuple[tuple[str, str, str], ...] = (
    ("GET", r"/v1/offer/([^/]+)", "_get_offer"),
    ("POST", r"/v1/consent", "_post_consent"),
    ("POST", r"/v1/uploads", "_post_upload"),
    ("PUT", r"/v1/uploads/([^/]+)/objects/([^/]+)", "_put_object"),
    ("POST", r"/v1/uploads/([^/]+)/commit", "_post_commit"),
    ("POST", r"/v1/withdrawals", "_post_withdrawal"),
    ("POST", r"/v1/deeds", "_post_deeds"),
    ("POST", r"/v1/enquiries", "_post_enquiry"),
    ("POST", r"/v1/enquiries/mine", "_post_enquiries"),
    ("GET", r"/v1/insight/([^/]+)", "_get_insight"),
    ("GET", r"/v1/log/checkpoint", "_get_checkpoint"),
    ("GET", r"/v1/log/consistency/([0-9]+)/([0-9]+)", "_get_consistency"),
    ("GET", r"/v1/log/proof/([0-9]+)", "_get_proof"),
)


def _read(body: bytes) -> Signed:
    return msgspec.json.decode(body, type=Signed)
