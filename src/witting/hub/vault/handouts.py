"""Exports that were handed out: who got which sessions in what form, so that whoever leaves can have them told.

Invariant: nothing is entered that holds a session which isn't lent for the dataset's purpose at that moment; what isn't entered wasn't
handed out, for the lab writes an export only under an entry.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, insert, select

from witting.hub.hub import Hub
from witting.hub.journal import Deed
from witting.hub.schema import export, export_session
from witting.hub.vault.catalogue import lent_sessions
from witting.hub.vault.lineage import sessions_of_dataset
from witting.hub.vault.recalls import close_recalls, recall_of, recalled_from
from witting.ledger.log.entries import Field
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.hub import LogProof
from witting.terms.work import Handout


def register_handout(hub: Hub, connection: Connection, *, handout: Handout) -> LogProof:
    """Enter an export and return the proof that the log holds it; the same one twice is one.

    Raises:
        IntegrityError: the hub doesn't know its dataset, or it names sessions that aren't in there.
        NoConsentError: a session in it isn't lent for its purpose any more.
        UsageError: another export has this id, or nobody is named who gets it.
    """
    row = connection.execute(select(export.c.body, export.c.position).where(export.c.export_id == handout.export_id)).one_or_none()
    if row is not None:
        if bytes(row.body) != msgspec.json.encode(handout):
            raise UsageError("another export has this id", hint="export again; nothing was entered")
        return hub.journal.prove(connection, int(row.position))
    _check(hub, connection, handout=handout)
    fields = {name: getattr(handout, name) for name in ("export_id", "dataset_id", "format", "recipient", "files_sha256")}
    index = hub.journal.record(connection, Deed(kind="export_handed_out", done_at=hub.stamp(), fields=fields))
    connection.execute(
        insert(export).values(
            export_id=handout.export_id,
            dataset_id=handout.dataset_id,
            recipient=handout.recipient,
            body=msgspec.json.encode(handout),
            position=index,
            handed_out_at=hub.stamp(),
        )
    )
    connection.execute(insert(export_session), [{"export_id": handout.export_id, "session_id": one} for one in handout.sessions])
    return hub.journal.prove(connection, index)


def note_told(hub: Hub, connection: Connection, *, export_id: str) -> LogProof:
    """Note that the recipient of an export was told what has to leave it, and return the proof that the log says so.

    Raises:
        UsageError: nothing is recalled from that export.
    """
    recall = recall_of(connection, "export", name=export_id)
    fields: dict[str, Field] = {"export_id": export_id, "sessions": recall.sessions}
    index = hub.journal.record(connection, Deed(kind="recipient_told", done_at=hub.stamp(), fields=fields))
    close_recalls(hub, connection, kind="export", name=export_id)
    return hub.journal.prove(connection, index)


def handouts(connection: Connection) -> list[Handout]:
    """Return every export that was handed out, in order."""
    return [
        msgspec.json.decode(body, type=Handout) for body in connection.execute(select(export.c.body).order_by(export.c.position)).scalars()
    ]


def handouts_with(connection: Connection, sessions: Sequence[str], *, purposes: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return those of the sessions that are in each export, by its id; where purposes are named, of exports for those."""
    rows = select(export_session).where(export_session.c.session_id.in_(sessions)).order_by(export_session.c.export_id)
    found: dict[str, list[str]] = {}
    meant = {one.export_id for one in handouts(connection) if not purposes or one.purpose in purposes}
    for row in connection.execute(rows.where(export_session.c.export_id.in_(meant))).all():
        found.setdefault(row.export_id, []).append(row.session_id)
    return found


def _check(hub: Hub, connection: Connection, *, handout: Handout) -> None:
    if not handout.recipient.strip():
        raise UsageError("nobody is named who gets the export", hint="say who: `witting export … --to NAME`")
    names = set(handout.sessions)
    if not names or not names <= set(sessions_of_dataset(connection, handout.dataset_id)):
        raise IntegrityError("an export names sessions that aren't in its dataset", hint="register the dataset first")
    lent = lent_sessions(connection, hub.keys.signing.public, sessions=handout.sessions, purpose=handout.purpose, at=hub.now())
    gone = names - (lent - recalled_from(connection, handout.dataset_id))
    if gone:
        message = f"{len(gone)} of {len(names)} sessions aren't lent for {handout.purpose!r} any more; nothing was handed out"
        raise NoConsentError(message, hint="`witting dataset release` makes a version without them")
