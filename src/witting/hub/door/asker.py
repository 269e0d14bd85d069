"""Whether whoever asks is the participant they name: the key of their own receipt, and a request minutes old at most.

Invariant: a request that another key signed, or that was kept and sent again later, gets nothing.
"""

from datetime import timedelta
from typing import Protocol

from sqlalchemy import Connection

from witting.hub.consents import receipts_of
from witting.hub.hub import Hub
from witting.terms.clock import parse_rfc3339
from witting.terms.errors import NoConsentError, SignatureError, UsageError

_FRESH = timedelta(minutes=10)


class Asked(Protocol):
    """What every request of a participant says."""

    @property
    def participant(self) -> str:
        """Who asks."""
        ...

    @property
    def programme_id(self) -> str:
        """In which programme."""
        ...

    @property
    def asked_at(self) -> str:
        """When, RFC 3339 UTC."""
        ...


def check_asker(hub: Hub, connection: Connection, *, asked: Asked, signer: bytes) -> None:
    """Check that the participant named signed a request just now.

    Raises:
        NoConsentError: the hub never had a consent of that participant.
        SignatureError: another key signed it.
        UsageError: it is old.
    """
    receipts = receipts_of(connection, hub.keys.signing.public, participant=asked.participant, programme_id=asked.programme_id)
    if not receipts:
        raise NoConsentError("the hub has no consent of this participant", hint="there is nothing to show")
    if any(receipt.participant_key != signer for receipt in receipts):
        raise SignatureError("the request isn't signed by the participant it names", hint="nothing was shown or kept")
    if not _is_fresh(hub, asked.asked_at):
        raise UsageError("the request is old", hint="ask again; check this machine's clock if it repeats")


def _is_fresh(hub: Hub, asked_at: str) -> bool:
    try:
        return abs(hub.now() - parse_rfc3339(asked_at)) <= _FRESH
    except ValueError:
        return False
