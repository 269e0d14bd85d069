"""What the gate is asked about a parcel, and what a parcel must look like before it is asked at all.

Invariant: what passes is signed by the key of the receipt it names, under the programme in force, for purposes that lend something now.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from witting.hub.config import HubConfig
from witting.hub.consents import ProgrammeRecord, check_current, programme_in_force, receipts_of
from witting.hub.hub import Hub
from witting.hub.lending import Lending
from witting.terms.consent import ConsentReceipt
from witting.terms.errors import NoConsentError, NoticeChangedError, SignatureError, UsageError, WittingError
from witting.terms.session import Parcel

MAX_OBJECTS = 10_000
_ID = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TOO_LARGE = "record shorter sessions, or ask the steward to raise the hub's limit; nothing was stored"


class Asked(NamedTuple):
    """Whose parcel it is, and under which programme."""

    receipt: ConsentReceipt  # the one the session was recorded under
    choices: Sequence[Sequence[ConsentReceipt]]  # that one alone, and all of this participant: both have to permit
    record: ProgrammeRecord  # the version in force


def check_shape(config: HubConfig, parcel: Parcel) -> None:
    """Check names and sizes, for they become paths and space.

    Raises:
        UsageError: they can't be, or are more than the hub takes.
    """
    digests = [entry.digest for entry in parcel.objects]
    has_names = _ID.fullmatch(parcel.parcel_id) and _ID.fullmatch(parcel.session_id) and all(map(_DIGEST.fullmatch, digests))
    if not has_names or not digests or len(set(digests)) != len(digests) or parcel.records < 1 or not parcel.purposes:
        raise UsageError("the parcel isn't one: a name or number in it can't be", hint="make it again; nothing was stored")
    sizes = [entry.size_bytes for entry in parcel.objects]
    if len(sizes) > MAX_OBJECTS or min(sizes) < 1 or max(sizes) > config.max_object_bytes or sum(sizes) > config.max_parcel_bytes:
        message = f"the parcel is larger than the {config.max_parcel_mib} MiB in objects of {config.max_object_mib} MiB that this hub takes"
        raise UsageError(message, hint=_TOO_LARGE)


def ask_about(hub: Hub, connection: Connection, *, parcel: Parcel, signer: bytes) -> Asked:
    """Return what the gate is asked about a parcel, as consent stands in this transaction.

    Raises:
        SignatureError: it isn't signed by the key of the receipt it names.
        NoConsentError: the hub gave no such receipt.
        NoticeChangedError: the programme changed since the session was recorded.
    """
    receipts = receipts_of(connection, hub.keys.signing.public, participant=parcel.participant, programme_id=parcel.programme_id)
    receipt = next((one for one in receipts if one.receipt_id == parcel.receipt_id), None)
    if receipt is None:
        raise NoConsentError("the hub gave no receipt of that id to this participant", hint="run `witting join` with your invitation")
    if receipt.participant_key != signer:
        raise SignatureError("the parcel isn't signed by the participant it names", hint="nothing was stored")
    record = programme_in_force(connection, parcel.programme_id)
    check_current(record, programme_digest=parcel.programme_digest)
    return Asked(receipt=receipt, choices=([receipt], receipts), record=record)


def lending_for(hub: Hub, asked: Asked, *, parcel: Parcel) -> Lending:
    """Return the walk over a parcel's records, after asking whether each of its purposes lends anything now.

    Raises:
        NoConsentError, NoticeChangedError: one doesn't.
    """
    lending = Lending(asked.choices, asked.record.programme, purposes=parcel.purposes, at=hub.now(), recorded=asked.receipt)
    not_lent = set(parcel.purposes) - lending.purposes_in_force()
    if not_lent:
        raise refused(lending, what=f"the session, for {len(not_lent)} of its purposes,")
    return lending


def refused(lending: Lending, *, what: str) -> WittingError:
    """Return the error for the gate's last no."""
    if lending.refusal == "programme_changed":
        return NoticeChangedError(
            "the programme changed since consent; nothing was stored", hint="run `witting join` again and read the new notice"
        )
    message = f"{what} isn't lent ({lending.refusal}); nothing was stored"
    return NoConsentError(message, hint="`witting receipts` shows what you lend")
