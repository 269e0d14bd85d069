"""A participant's place in a programme, as this device keeps it: what was offered, what was chosen, and the keys that sign for it.

Layout of the data directory: `consent.json` (the status) and `withdrawn` (there once consent ended), both watched by the recorder;
`enrolment.json` (offer, receipts, proofs: nothing recorded); `keys/`, `spool/`, `outbox/`, `run/`. Knows nothing of pages.
Invariant: `consent.json` says "given" only while a receipt signed by the controller lies beside it; whatever can't be read counts as no
consent.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from witting.consent.levels import least_level
from witting.consent.programme import programme_digest
from witting.consent.states import YES, become, state_at
from witting.device.send import HubClient
from witting.device.spool import Spool
from witting.device.spool.disk import write_private
from witting.device.standing import WITHDRAWN_FILE, ConsentState, read_state, write_state
from witting.ledger.keys import SigningKey, open_signed
from witting.ledger.log import verify_proof
from witting.ledger.pseudonyms import new_pseudonym
from witting.ledger.seals import KeyStore, system_keyring
from witting.terms.clock import Clock, SystemClock, rfc3339
from witting.terms.consent import ConsentReceipt, ConsentStatement, ConsentStatus, Grant
from witting.terms.errors import IntegrityError, NoConsentError, SignatureError, UsageError
from witting.terms.events import KEYS_CHOICES, USUAL_STREAMS, KeysLevel
from witting.terms.hub import LogProof, ProgrammeOffer
from witting.terms.programme import Programme
from witting.terms.session import Signed

ENROLMENT_FILE = "enrolment.json"
AGREED_FILE = "agreed.json"  # the offer of the last yes, while another is asked about
_SIGNING_NAME = "participant"  # the signing key's name in the key store
_LINK_MARKS = ("/join/", "/v1/offer/")


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in enrolment.json."""

    hub_url: str
    invite: str
    offer: ProgrammeOffer
    participant: str = ""  # pseudonym; empty until a choice was signed
    pending: Signed | None = None  # signed choices that the hub hasn't confirmed yet
    receipts: tuple[Signed, ...] = ()
    proofs: tuple[LogProof, ...] = ()  # of the receipts, in order
    installed: tuple[str, ...] = ()  # files put elsewhere for this enrolment, removed when leaving


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation's link taken apart."""

    hub_url: str
    invite: str


def parse_link(link: str) -> Link:
    """Return hub and invitation of a link such as `https://hub.example.org/join/TOKEN`.

    Raises:
        UsageError: it is no such link.
    """
    for mark in _LINK_MARKS:
        base, found, invite = link.strip().partition(mark)
        if found and invite.strip("/") and urlsplit(base).scheme in {"http", "https"} and urlsplit(base).netloc:
            return Link(base, invite.strip("/"))
    raise UsageError("that is no invitation link", hint="it looks like https://HUB/join/TOKEN; copy it whole from your invitation")


def open_keystore(data_dir: Path, *, passphrase: str | None = None) -> KeyStore:
    """Return the device's key store, guarded by `passphrase` (or WITTING_PASSPHRASE), else the desktop's keyring, else by file mode."""
    secret = passphrase if passphrase is not None else os.environ.get("WITTING_PASSPHRASE")
    return KeyStore(data_dir / "keys", passphrase=secret, keyring=None if secret is not None else system_keyring())


class Enrolment:
    """The enrolment kept in `data_dir`.

    Raises:
        NoConsentError: there is none.
        IntegrityError: it can't be read.
    """

    def __init__(self, data_dir: Path, *, keystore: KeyStore | None = None, clock: Clock | None = None) -> None:
        self.data_dir = data_dir
        self.clock = clock or SystemClock()
        self._keystore = keystore
        self._kept = _read_kept(data_dir)

    @property
    def status(self) -> ConsentStatus:
        """Return the consent status in force; "invalidated" when it can't be read, "expired" once its time is over."""
        state = read_state(self.data_dir)
        if state is None or state.status not in YES:
            return state.status if state else "invalidated"
        try:
            receipts = _open_receipts(_read_kept(self.data_dir))  # as they lie here now
        except (NoConsentError, IntegrityError, SignatureError):
            return "invalidated"
        return state_at(state.status, receipts[-1] if receipts else None, at=self.clock.now())

    @property
    def hub_url(self) -> str:
        """The hub of the invitation."""
        return self._kept.hub_url

    @property
    def invite(self) -> str:
        """The invitation's token."""
        return self._kept.invite

    @property
    def offer(self) -> ProgrammeOffer:
        """What was offered, the notice and the hub's keys included."""
        return self._kept.offer

    @property
    def programme(self) -> Programme:
        """The programme as it was offered."""
        return self._kept.offer.programme

    @property
    def participant(self) -> str:
        """The participant's pseudonym; empty before a choice was signed."""
        return self._kept.participant

    @property
    def signed_receipts(self) -> tuple[Signed, ...]:
        """The receipts as the controller signed them, oldest first."""
        return self._kept.receipts

    @property
    def proofs(self) -> tuple[LogProof, ...]:
        """The log proofs of the receipts, in the same order."""
        return self._kept.proofs

    @property
    def pending_statement(self) -> ConsentStatement | None:
        """Choices that were signed and sent, but not confirmed; the hub may or may not have them."""
        return open_signed(self._kept.pending, "consent", statement_type=ConsentStatement) if self._kept.pending is not None else None

    @property
    def installed(self) -> tuple[Path, ...]:
        """Files and folders outside the data directory that leaving removes, folders before what is in them."""
        return tuple(Path(name) for name in self._kept.installed)

    @property
    def receipts(self) -> tuple[ConsentReceipt, ...]:
        """The receipts, each checked against the controller's key.

        Raises:
            SignatureError: one was changed.
        """
        return _open_receipts(self._kept)

    @property
    def receipt(self) -> ConsentReceipt:
        """The receipt in force.

        Raises:
            NoConsentError: there is none.
        """
        if (status := self.status) not in YES:
            message = "your consent has run out" if status == "expired" else "no consent is in force"
            raise NoConsentError(message, hint="`witting desk` or `witting join LINK` shows the notice and asks")
        return self.receipts[-1]

    @property
    def keystore(self) -> KeyStore:
        """The device's keys; made on first use."""
        if self._keystore is None:
            self._keystore = open_keystore(self.data_dir)
        return self._keystore

    @property
    def signing_key(self) -> SigningKey:
        """The participant's signing key.

        Raises:
            SealError: there is none before consent.
        """
        return SigningKey.from_seed(self.keystore.key(_SIGNING_NAME))

    def open_spool(self) -> Spool:
        """Return the sessions on this device, after erasing those that were kept as long as the programme says."""
        spool = Spool(self.data_dir, self.keystore, clock=self.clock)
        spool.erase_older(self.clock.now() - timedelta(days=self.programme.retention.spool_days))
        return spool

    def give_consent(self, grants: Iterable[Grant], *, hub: HubClient, keys_level: KeysLevel | None = None) -> ConsentReceipt:
        """Sign the choices, hand them in, keep the receipt and its proof; from here on the recorder may run.

        `keys_level` is how much of typing is lent where typing is granted; None is as much as the programme asks.

        Raises:
            UsageError: nothing was chosen, or something that wasn't offered.
            NoticeChangedError: the hub has a newer notice.
            SignatureError, LogError: the receipt or proof isn't sound; consent isn't taken as given.
        """
        chosen = tuple(sorted(set(grants)))
        level = keys_level or self.programme.keys_level
        self._check_grants(chosen, level)
        statement = self._statement(chosen, level)
        answer = hub.consent(self._pending(statement))
        receipt = open_signed(answer.receipt, "receipt", statement_type=ConsentReceipt, key=self.offer.signing_key)
        if not _is_for(receipt, statement, programme=self.programme):
            raise SignatureError("the receipt isn't for what was signed", hint="nothing is recorded; tell whoever invited you")
        verify_proof(answer.proof, self.offer.signing_key, origin=self.offer.log_origin)
        self._keep(
            msgspec.structs.replace(
                self._kept,
                pending=None,
                receipts=(*self._kept.receipts, answer.receipt),
                proofs=(*self._kept.proofs, answer.proof),
            )
        )
        (self.data_dir / WITHDRAWN_FILE).unlink(missing_ok=True)
        self._set_status(receipt.status, receipt.receipt_id)
        (self.data_dir / AGREED_FILE).unlink(missing_ok=True)
        return receipt

    def say_no_again(self) -> None:
        """Say no to being asked again: nothing more is recorded; what was lent is still there to be taken back. Nobody is told."""
        self.ask()
        self._set_status("refused", "")

    def ask(self) -> None:
        """Open the question again, because consent ran out or whoever said no wants to choose after all."""
        self._set_status("requested", "")

    def keep_narrowed(self, signed: Signed, proof: LogProof) -> ConsentReceipt:
        """Keep the receipt of what is still lent after a purpose or kind was withdrawn; a recorder that runs ends.

        Raises:
            SignatureError, LogError: it isn't the controller's, not in its log, or lends more than the one before.
        """
        receipt = open_signed(signed, "receipt", statement_type=ConsentReceipt, key=self.offer.signing_key)
        before = self.receipt
        if not set(receipt.grants) < set(before.grants) or (receipt.participant, receipt.programme_digest) != (
            before.participant,
            before.programme_digest,
        ):
            raise SignatureError("the receipt isn't for less than the one before", hint="nothing is recorded; tell whoever invited you")
        verify_proof(proof, self.offer.signing_key, origin=self.offer.log_origin)
        kept = msgspec.structs.replace(self._kept, receipts=(*self._kept.receipts, signed), proofs=(*self._kept.proofs, proof))
        self._keep(kept)
        self._set_status("given", receipt.receipt_id)
        return receipt

    def note_installed(self, files: Sequence[Path]) -> None:
        """Remember files and folders made outside the data directory, so that leaving removes them."""
        names = dict.fromkeys((*self._kept.installed, *map(str, files)))
        self._keep(msgspec.structs.replace(self._kept, installed=tuple(names)))

    def mark_withdrawn(self) -> None:
        """End consent on this device at once; the recorder sees it within a second."""
        write_private(self.data_dir / WITHDRAWN_FILE, b"")
        self._set_status("withdrawn", "")

    def _check_grants(self, chosen: Sequence[Grant], level: KeysLevel) -> None:
        become(self.status, "given")  # before the hub is told: what ended begins only by being asked
        if not chosen:
            raise UsageError("nothing was chosen", hint="tick what you want to lend, or say no: that costs nothing")
        offered = set(offered_grants(self.programme, with_cadence=True))
        is_beyond = KEYS_CHOICES.index(level) > KEYS_CHOICES.index(self.programme.keys_level)
        if is_beyond or not offered.issuperset(chosen):
            raise UsageError("something was chosen that the programme doesn't ask for", hint="choose from the notice's list")

    def _statement(self, chosen: tuple[Grant, ...], level: KeysLevel) -> ConsentStatement:
        """Return the statement of these choices; the one already signed if it says the same, for the hub may have it."""
        before = self.pending_statement
        said = (chosen, level, self.offer.notice_digest)
        if before is not None and (before.grants, before.keys_level, before.notice_digest) == said:
            return before
        if not self.keystore.has(_SIGNING_NAME):
            self.keystore.keep(_SIGNING_NAME, SigningKey.generate().seed)
        return ConsentStatement(
            participant=self._kept.participant or new_pseudonym(),
            participant_key=self.signing_key.public,
            programme_id=self.programme.id,
            programme_version=self.programme.version,
            programme_digest=self.offer.programme_digest,
            notice_digest=self.offer.notice_digest,
            invite=self._kept.invite,
            grants=chosen,
            given_at=rfc3339(self.clock.now()),
            keys_level=level,
        )

    def _pending(self, statement: ConsentStatement) -> Signed:
        """Sign a statement and write it down before it goes out: an answer that gets lost doesn't lose the invitation."""
        signed = self.signing_key.sign("consent", statement)
        self._keep(msgspec.structs.replace(self._kept, participant=statement.participant, pending=signed))
        return signed

    def _set_status(self, status: ConsentStatus, receipt_id: str) -> None:
        state = ConsentState(
            status=status,
            programme_id=self.programme.id,
            programme_digest=self.offer.programme_digest,
            receipt_id=receipt_id,
            changed_at=rfc3339(self.clock.now()),
        )
        write_state(self.data_dir, state)

    def _keep(self, kept: _Kept) -> None:
        write_private(self.data_dir / ENROLMENT_FILE, msgspec.json.encode(kept))
        told = self.data_dir / "run" / "receipts.json"  # what a recorder was told: it ends when that changes
        if told.exists() and kept.receipts != self._kept.receipts:
            write_private(told, msgspec.json.encode(kept.receipts))
        self._kept = kept


def offered_grants(programme: Programme, *, with_cadence: bool = False) -> tuple[Grant, ...]:
    """Return every purpose, stream and app that the programme asks for; cadence, which "everything" never means, only by its name."""
    return tuple(
        Grant(purpose.id, stream, app.id)
        for purpose in programme.purposes
        for stream in purpose.streams
        for app in programme.apps
        if with_cadence or stream in USUAL_STREAMS
    )


def start_join(link: str, data_dir: Path, *, hub: HubClient | None = None, clock: Clock | None = None) -> Enrolment:
    """Fetch what an invitation offers and keep it for reading; no key is made and nothing is told to anyone.

    On a device that is in the programme already, a changed notice ends the old consent until it is given anew.

    Raises:
        UsageError: no such link, or this device is in another programme or in this one unchanged.
        IntegrityError: notice or programme aren't what their digests say.
        HubUnreachableError: the hub can't be reached.
    """
    parts = parse_link(link)
    if (data_dir / WITHDRAWN_FILE).exists():
        raise UsageError("you have left, and the hub hasn't confirmed it yet", hint="`witting leave` tells it; then join again")
    kept = _kept_before(data_dir)
    offer = (hub or HubClient(parts.hub_url)).offer(parts.invite)
    _check_offer(offer)
    if kept is not None and (kept.offer.programme.id, kept.offer.signing_key) != (offer.programme.id, offer.signing_key):
        raise UsageError("this device is in another programme already", hint="`witting status` shows it, `witting leave` ends it")
    is_same = kept is not None and kept.offer.programme_digest == offer.programme_digest
    if is_same and Enrolment(data_dir, clock=clock).status in YES:
        raise UsageError("this device is in this programme already", hint="`witting notice` and `witting receipts` show what you agreed to")
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    data_dir.chmod(0o700)
    if kept is not None and kept.receipts and not is_same and not (data_dir / AGREED_FILE).exists():
        write_private(data_dir / AGREED_FILE, msgspec.json.encode(kept.offer))
    kept = msgspec.structs.replace(
        kept or _Kept(hub_url="", invite="", offer=offer), hub_url=parts.hub_url, invite=parts.invite, offer=offer
    )
    write_state(data_dir, ConsentState(status="requested", programme_id=offer.programme.id))
    write_private(data_dir / ENROLMENT_FILE, msgspec.json.encode(kept))
    return Enrolment(data_dir, clock=clock)


def _kept_before(data_dir: Path) -> _Kept | None:
    """Return the enrolment in which something was signed here, None where there is none."""
    if read_state(data_dir) is None or not (data_dir / ENROLMENT_FILE).exists():
        return None
    kept = _read_kept(data_dir)
    return kept if kept.participant else None


def _check_offer(offer: ProgrammeOffer) -> None:
    if hashlib.sha256(offer.notice_markdown.encode()).hexdigest() != offer.notice_digest:
        raise IntegrityError("the notice isn't the one its digest names", hint="nothing was kept; tell whoever invited you")
    if programme_digest(offer.programme) != offer.programme_digest:
        raise IntegrityError("the programme isn't the one its digest names", hint="nothing was kept; tell whoever invited you")


def _read_kept(data_dir: Path) -> _Kept:
    try:
        return msgspec.json.decode((data_dir / ENROLMENT_FILE).read_bytes(), type=_Kept)
    except FileNotFoundError:
        raise NoConsentError("this device is in no programme", hint="`witting join LINK` shows what one asks for") from None
    except msgspec.MsgspecError:
        raise IntegrityError("enrolment.json can't be read", hint="nothing is recorded; `witting leave` removes everything here") from None


def _open_receipts(kept: _Kept) -> tuple[ConsentReceipt, ...]:
    key = kept.offer.signing_key
    return tuple(open_signed(signed, "receipt", statement_type=ConsentReceipt, key=key) for signed in kept.receipts)


def _is_for(receipt: ConsentReceipt, statement: ConsentStatement, *, programme: Programme) -> bool:
    """Whether the receipt says what was signed, no more and no less."""
    if receipt.keys_level != least_level(statement.keys_level, programme.keys_level):
        return False
    same = ("participant", "participant_key", "programme_id", "programme_version", "programme_digest", "notice_digest", "grants")
    return receipt.status in YES and all(getattr(receipt, name) == getattr(statement, name) for name in same)
