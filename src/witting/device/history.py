"""What the hub did with what was lent, as it was last told and checked here: kept on this device with every proof.

Each entry is held against the log, and the log against the one seen before, so that a hub that shows this person another log than it
showed earlier is found out. Knows no pages. Invariant: nothing is kept or returned that wasn't checked from beginning to end.
"""

from typing import NamedTuple

import msgspec

from witting.device.enrolment import Enrolment
from witting.device.send import HubClient
from witting.device.spool.disk import write_private
from witting.ledger.log import Checkpoint, open_checkpoint, open_proof, verifier_key, verify_consistency
from witting.ledger.log.entries import Field
from witting.terms.clock import rfc3339
from witting.terms.errors import IntegrityError, LogError, UsageError
from witting.terms.hub import DeedShown, DeedsRequest, LogProof

HISTORY_FILE = "history.json"
_HINT = "keep this device's data as evidence, and tell the programme's contact and whoever holds the witness"


class Deed(NamedTuple):
    """One deed, as the log says it."""

    shown: DeedShown
    fields: dict[str, Field]  # what its entry commits to


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What `history.json` holds."""

    asked_at: str
    deeds: tuple[DeedShown, ...]
    checkpoint: str  # the largest state of the log that was ever shown to this person


class History(NamedTuple):
    """Everything that is known here of what the hub did."""

    asked_at: str  # RFC 3339 UTC; empty = never asked
    deeds: tuple[Deed, ...]  # oldest first
    log: Checkpoint | None  # the state of the log that they are proven in


NEVER = History("", (), None)


def ask_history(enrolment: Enrolment, *, hub: HubClient) -> History:
    """Ask the hub what it did, check everything, keep it and return it.

    Raises:
        LogError: an entry isn't in the log or says something else, or the log isn't the continuation of the one shown before.
    """
    asked_at = rfc3339(enrolment.clock.now())
    request = DeedsRequest(participant=enrolment.participant, programme_id=enrolment.programme.id, asked_at=asked_at)
    deeds = hub.deeds(enrolment.signing_key.sign("deeds", request)).deeds
    checked = tuple(_checked(enrolment, deed) for deed in deeds)
    before = _read(enrolment)
    notes = [deed.proof.checkpoint for deed in deeds]
    newest = max(notes, key=lambda note: _opened(enrolment, note).size, default=None) or hub.checkpoint()
    largest = _continued(enrolment, before.checkpoint if before else newest, newest=newest, hub=hub)
    kept = _Kept(asked_at=asked_at, deeds=deeds, checkpoint=largest)
    write_private(enrolment.data_dir / HISTORY_FILE, msgspec.json.encode(kept))
    return History(asked_at, checked, _opened(enrolment, largest))


def read_history(enrolment: Enrolment) -> History:
    """Return what was last told, checked again; nothing is asked of anybody.

    Raises:
        IntegrityError: what is kept here was changed.
    """
    kept = _read(enrolment)
    if kept is None:
        return NEVER
    return History(kept.asked_at, tuple(_checked(enrolment, deed) for deed in kept.deeds), _opened(enrolment, kept.checkpoint))


def proof_of(enrolment: Enrolment, index: int) -> LogProof:
    """Return the kept proof of a log entry.

    Raises:
        UsageError: none of that entry is kept here.
    """
    kept = _read(enrolment)
    for deed in kept.deeds if kept else ():
        if deed.proof.index == index:
            return deed.proof
    raise UsageError("no proof of that entry is kept here", hint="ask the hub on the page first")


def _checked(enrolment: Enrolment, deed: DeedShown) -> Deed:
    """Return a deed after checking that the log holds it and that it says this.

    Raises:
        LogError: it doesn't.
    """
    said = open_proof(deed.proof, enrolment.offer.signing_key, origin=enrolment.offer.log_origin)
    named = (said.kind, said.fields.get("done_at"), said.fields.get("session_id"))
    if named != (deed.kind, deed.done_at, deed.session_id):
        raise LogError("the hub shows another deed than the log holds", hint=_HINT)
    return Deed(deed, said.fields)


def _continued(enrolment: Enrolment, seen: str, *, newest: str, hub: HubClient) -> str:
    """Return the larger of the log's states seen before and now, after checking that one is the start of the other."""
    before, now = _opened(enrolment, seen), _opened(enrolment, newest)
    (small, large), larger = ((before, now), newest) if before.size <= now.size else ((now, before), seen)
    if small.size == large.size:
        if small.root != large.root:
            raise LogError("the hub shows another log than it showed you before: it was forked or rewritten", hint=_HINT)
        return larger
    if small.size > 0:
        try:
            proof = hub.consistency(small.size, large.size)
            verify_consistency(small.size, large.size, old_root=small.root, new_root=large.root, proof=proof)
        except (IntegrityError, UsageError):
            raise LogError("the hub's log isn't the continuation of the one it showed you before", hint=_HINT) from None
    return larger


def _opened(enrolment: Enrolment, note: str) -> Checkpoint:
    offer = enrolment.offer
    checkpoint = open_checkpoint(note, verifier_key(offer.log_origin, offer.signing_key))
    if checkpoint.origin != offer.log_origin:
        raise LogError("a checkpoint is of another log", hint=_HINT)
    return checkpoint


def _read(enrolment: Enrolment) -> _Kept | None:
    try:
        return msgspec.json.decode((enrolment.data_dir / HISTORY_FILE).read_bytes(), type=_Kept)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        raise IntegrityError("what the hub told before can't be read", hint=f"remove {HISTORY_FILE} and ask again") from None
