"""Deeds and their log entries: what the hub does, each one salted commitment in the Merkle log, in the transaction of the deed itself.

The opening (salt and fields) is kept beside the entry for the person it concerns and goes out in their proof; it is destroyed when
what it tells of is erased. Invariant: a deed whose entry can't be written didn't happen.
"""

from typing import Literal

import msgspec
from sqlalchemy import Connection, insert, select, update

from witting.hub import schema
from witting.hub.log_store import SqlLogStore
from witting.ledger.keys import SigningKey
from witting.ledger.log import Log, Opening, claimed, commit_entry, new_salt
from witting.ledger.log.entries import Field
from witting.terms.hub import LogProof

DeedKind = Literal[
    "programme_created", "invitations_made", "consent_given", "upload_stored", "session_read", "withdrawal", "erasure",
    "dataset_released", "model_trained", "export_handed_out", "recipient_told", "model_removed",
    "question_asked", "finding_filed", "enquiry_answered", "insight_released",
]  # fmt: skip


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something the hub did."""

    kind: DeedKind  # the one thing the log says in the clear
    done_at: str  # RFC 3339 UTC
    participant: str = ""  # whom it concerns; empty = nobody
    session_id: str = ""  # which session; empty = none or several
    fields: dict[str, Field] = {}  # what else the entry commits to


class Journal:
    """Writes deeds and proves them, over whichever transaction it is given."""

    def __init__(self, signing: SigningKey, origin: str) -> None:
        self._signing = signing
        self.origin = origin  # the log's name

    def record(self, connection: Connection, deed: Deed) -> int:
        """Append the deed's entry to the log and return its index."""
        salt = new_salt()
        fields: dict[str, Field] = {
            "done_at": deed.done_at,
            "participant": deed.participant,
            "session_id": deed.session_id,
            **deed.fields,
        }
        index = Log(SqlLogStore(connection)).append(commit_entry(deed.kind, fields, salt=salt))
        connection.execute(
            insert(schema.deed).values(
                position=index,
                kind=deed.kind,
                done_at=deed.done_at,
                participant=deed.participant,
                session_id=deed.session_id,
                opening=msgspec.json.encode(Opening(fields=fields, salt=salt.hex())),
            )
        )
        return index

    def prove(self, connection: Connection, index: int, *, is_opened: bool = False) -> LogProof:
        """Return the proof of an entry, in the newest state that the witness signed if it is in it; with `is_opened` also its opening."""
        log, cosigned = Log(SqlLogStore(connection)), self.cosigned(connection)
        if cosigned is not None and index < (size := claimed(cosigned).size):
            hashes = log.inclusion_proof(index, size)
            proof = LogProof(index=index, entry=log.entry(index), checkpoint=cosigned, hashes=hashes)
        else:
            proof = log.prove(index, self.origin, signing_key=self._signing)
        if not is_opened:
            return proof
        opening = connection.execute(select(schema.deed.c.opening).where(schema.deed.c.position == index)).scalar_one()
        return msgspec.structs.replace(proof, opening=bytes(opening))

    def checkpoint(self, connection: Connection) -> str:
        """Return the newest checkpoint that the witness cosigned; where none did, that of the log as it stands."""
        return self.cosigned(connection) or self.present(connection)

    def present(self, connection: Connection) -> str:
        """Return the signed checkpoint of the log as it stands, cosigned by nobody."""
        return Log(SqlLogStore(connection)).checkpoint(self.origin, self._signing)

    def cosigned(self, connection: Connection) -> str | None:
        """Return the newest checkpoint that the witness cosigned; None where none did."""
        table = schema.cosignature
        return connection.execute(select(table.c.checkpoint).order_by(table.c.size.desc()).limit(1)).scalar()

    def forget_opening(self, connection: Connection, *, kind: DeedKind, session_id: str) -> None:
        """Destroy the openings of one kind of entry about a session: from here on nobody at the hub can show what they say."""
        connection.execute(
            update(schema.deed).where(schema.deed.c.kind == kind, schema.deed.c.session_id == session_id).values(opening=b"")
        )
