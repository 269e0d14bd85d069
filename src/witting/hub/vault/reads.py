"""Reading a stored session: the entry in the log is written before the key is opened, in one transaction, so no read is without one.

Invariant: the only way from a session id to its records leads through `begin_read`; without its log entry there is no key.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from witting.hub.hub import Hub
from witting.hub.journal import Deed
from witting.hub.lending import Lending
from witting.hub.schema import session, vault_key, vault_object
from witting.hub.vault.catalogue import lending_of
from witting.hub.vault.sealing import frames, open_stored, unwrap_key
from witting.terms.codec import decode_record
from witting.terms.errors import IntegrityError, NoConsentError
from witting.terms.session import Record

GROUP_READER = "group figures"
"""Who reads for figures about groups: what is lent for these nobody else gets, and nothing else is read for them."""


class Opened(NamedTuple):
    """A session whose reading is logged."""

    session_id: str
    names: tuple[str, ...]  # of its objects, in order
    key: bytes  # opens them
    lending: Lending  # says what each record is lent for
    purposes: frozenset[str]  # for which it is read


def begin_read(hub: Hub, connection: Connection, *, session_id: str, purpose: str | None, reader: str) -> Opened:
    """Log that a session is read and open its key.

    Raises:
        NoConsentError: it isn't stored any more, or isn't lent for the purpose now.
        IntegrityError: its key is gone or was changed.
    """
    row = connection.execute(select(session).where(session.c.session_id == session_id)).one_or_none()
    if row is None or row.state != "stored":
        message = f"session {session_id[:8]} isn't in the vault"
        raise NoConsentError(message, hint="it was never stored, or was withdrawn or erased; the catalogue shows what is there")
    lending = lending_of(connection, hub.keys.signing.public, row=row, at=hub.now())
    purposes = lending.purposes_in_force() & ({purpose} if purpose else set(row.purposes.split()))
    purposes = purposes & lending.group_purposes if reader == GROUP_READER else purposes - lending.group_purposes
    if not purposes:
        message = f"session {session_id[:8]} isn't lent for that now ({lending.refusal})"
        raise NoConsentError(message, hint="the catalogue shows which sessions are lent for which purpose")
    hub.journal.record(
        connection,
        Deed(
            kind="session_read",
            done_at=hub.stamp(),
            participant=row.participant,
            session_id=session_id,
            fields={"reader": reader, "purposes": tuple(sorted(purposes))},
        ),
    )
    wrapped = connection.execute(select(vault_key.c.wrapped).where(vault_key.c.session_id == session_id)).scalar()
    if wrapped is None:
        message = f"the key of session {session_id[:8]} is gone"
        raise IntegrityError(message, hint="nobody can open it again; `witting audit` compares keys and sessions")
    names = select(vault_object.c.name).where(vault_object.c.session_id == session_id).order_by(vault_object.c.ordinal)
    return Opened(
        session_id=session_id,
        names=tuple(connection.execute(names).scalars()),
        key=unwrap_key(hub.keys.vault, session_id, wrapped=wrapped),
        lending=lending,
        purposes=purposes,
    )


def records_of(hub: Hub, opened: Opened) -> Iterator[Record]:
    """Yield the records that are lent for what the session was opened for.

    Raises:
        IntegrityError: an object is missing, changed, or can't be read.
    """
    for ordinal, name in enumerate(opened.names):
        packed = open_stored(opened.key, opened.session_id, ordinal=ordinal, sealed=hub.objects.get(name))
        for data in frames(packed):
            record = decode_record(data)
            if opened.lending.ask(record).surely & opened.purposes:
                yield record
