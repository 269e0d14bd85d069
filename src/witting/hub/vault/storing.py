"""Putting a session into the vault: sealed anew under a key of its own, then key, catalogue and log entry in one transaction.

Invariant: bytes whose transaction never came are under a key that was never kept; `sweep` unlinks them.
"""

from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import Connection, delete, insert, select, update

from witting.hub import schema
from witting.hub.database import reading
from witting.hub.hub import Hub
from witting.hub.journal import Deed
from witting.hub.staging import drop_staging, staged_uploads
from witting.hub.vault.sealing import seal_stored, wrap_key
from witting.ledger.seals import new_key
from witting.terms.session import Parcel

_SETTLED = timedelta(hours=1)  # no commit takes this long


class Resealed:
    """The objects of one session on their way into the vault; leaving the `with` unlinks them unless they were kept."""

    def __init__(self, hub: Hub, session_id: str) -> None:
        self._hub = hub
        self._session_id = session_id
        self._key = new_key()
        self._put: list[tuple[str, int]] = []  # names and sizes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name, _size in self._put:
            self._hub.objects.remove(name)

    def keep(self) -> None:
        """Leave the objects where they are: the transaction that claims them is through."""
        self._put.clear()

    def add(self, packed: bytes) -> None:
        """Seal the next object's packed records and put them into the store.

        Raises:
            StoreFullError: there is no room.
        """
        sealed = seal_stored(self._key, self._session_id, ordinal=len(self._put), packed=packed)
        self._put.append((self._hub.objects.put(self._session_id, len(self._put), data=sealed), len(sealed)))

    @property
    def size_bytes(self) -> int:
        """How many sealed bytes were put."""
        return sum(size for _, size in self._put)

    def replace(self, connection: Connection) -> None:
        """Claim the objects for a session that is stored already, in place of those that it had; its old key is overwritten."""
        wrapped = wrap_key(self._hub.keys.vault, self._session_id, key=self._key)
        connection.execute(update(schema.vault_key).where(schema.vault_key.c.session_id == self._session_id).values(wrapped=wrapped))
        connection.execute(delete(schema.vault_object).where(schema.vault_object.c.session_id == self._session_id))
        self._claim(connection)

    def _claim(self, connection: Connection) -> None:
        rows = [
            {"session_id": self._session_id, "ordinal": ordinal, "name": name, "size_bytes": size}
            for ordinal, (name, size) in enumerate(self._put)
        ]
        connection.execute(insert(schema.vault_object), rows)

    def enter(self, connection: Connection, parcel: Parcel, *, parcel_digest: str) -> int:
        """Write key, catalogue and log entry, and return the entry's index."""
        connection.execute(
            insert(schema.session).values(
                session_id=parcel.session_id,
                state="stored",
                parcel_id=parcel.parcel_id,
                programme_id=parcel.programme_id,
                participant=parcel.participant,
                receipt_id=parcel.receipt_id,
                purposes=" ".join(parcel.purposes),
                records=parcel.records,
                size_bytes=self.size_bytes,
                content_digest=parcel.content_digest,
                stored_at=self._hub.stamp(),
            )
        )
        wrapped = wrap_key(self._hub.keys.vault, parcel.session_id, key=self._key)
        connection.execute(insert(schema.vault_key).values(session_id=parcel.session_id, wrapped=wrapped))
        self._claim(connection)
        deed = Deed(
            kind="upload_stored",
            done_at=self._hub.stamp(),
            participant=parcel.participant,
            session_id=parcel.session_id,
            fields={"parcel_digest": parcel_digest, "receipt_id": parcel.receipt_id, "records": parcel.records},
        )
        return self._hub.journal.record(connection, deed)


def sweep(hub: Hub, *, is_alone: bool) -> int:
    """Unlink what no transaction claims: objects of cut commits, files of uploads that ended; return how many objects.

    While others may be committing (`is_alone` false), only what is older than an hour.
    """
    before = None if is_alone else hub.now() - _SETTLED
    with reading(hub.engine) as connection:
        claimed = set(connection.execute(select(schema.vault_object.c.name)).scalars())
        waiting = set(connection.execute(select(schema.upload.c.upload_id).where(schema.upload.c.answer.is_(None))).scalars())
    orphans = [name for name, changed_at in hub.objects.ages().items() if name not in claimed and _is_before(changed_at, before)]
    for name in orphans:
        hub.objects.remove(name)
    for upload_id in staged_uploads(hub.config):
        if upload_id not in waiting:
            drop_staging(hub.config, upload_id)
    return len(orphans)


def _is_before(changed_at: datetime, limit: datetime | None) -> bool:
    return limit is None or changed_at < limit
