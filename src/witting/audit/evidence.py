"""What an audit looks at: a copy of a hub's log, deeds, consents, stored sessions and lineage. Plain types; `hub_copy` reads them.

Knows nothing of what should hold (`checks`). Invariant: no recorded content has a place here.
"""

import msgspec

from witting.terms.consent import ConsentReceipt, DeletionReceipt
from witting.terms.hub import CatalogueRow
from witting.terms.programme import Programme
from witting.terms.work import DatasetManifest, ModelCard


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub says it did, beside the log entry that commits to it."""

    position: int  # index of the entry
    kind: str
    session_id: str = ""
    opening: bytes = b""  # JSON {"fields", "salt"}; empty once it had to go


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """A question or finding as the hub's table holds it; of its texts only their SHA-256."""

    number: int  # index of the entry it was filed as
    kind: str  # question or finding
    text_sha256: str
    due_at: str
    answer_sha256: str = ""  # empty while there is no answer
    answer_position: int = -1  # index of the entry it was answered as


class Held(msgspec.Struct, frozen=True):
    """What is there of one session, as counted on disk."""

    objects: int = 0
    keys: int = 0
    size_bytes: int = 0


class HubCopy(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one hub that the checks need."""

    verifier: str  # C2SP verifier key of the log
    checkpoint: str  # the newest one
    entries: tuple[bytes, ...] = ()
    deeds: tuple[Deed, ...] = ()
    receipts: tuple[ConsentReceipt, ...] = ()  # each with the status it has now
    programmes: dict[str, Programme] = {}  # by digest
    stored: tuple[CatalogueRow, ...] = ()
    deletions: tuple[DeletionReceipt, ...] = ()
    manifests: tuple[DatasetManifest, ...] = ()
    cards: tuple[ModelCard, ...] = ()
    enquiries: tuple[Filed, ...] = ()
    held: dict[str, Held] = {}  # by session id, of all that is found on disk or among the keys
