"""What has to leave where since somebody withdrew: dataset versions, models and exports that were handed out, each with the day it is due.

A recall is opened by the step of the erasure that counts what was touched, and closed by what shows that it was done: the next version
without the session, the model that replaces the old one, or word that the recipient was told. Invariant: a recall is never taken away.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from witting.consent.deadlines import Due, deadlines_of
from witting.consent.packs.combining import combine
from witting.consent.packs.loading import packs_of
from witting.hub import schema
from witting.hub.consents import programme_in_force
from witting.hub.hub import Hub
from witting.terms.clock import rfc3339
from witting.terms.errors import UsageError
from witting.terms.work import Recall, RecallKind

_TABLE = schema.recall


def open_recalls(
    hub: Hub, connection: Connection, *, programme_id: str, touched: Mapping[RecallKind, Mapping[str, Sequence[str]]], job_id: str
) -> int:
    """Write down what has to leave where, each thing and session once; return how many are new."""
    first = _first_due(connection, programme_id, at=hub.now())
    known = {tuple(row) for row in connection.execute(select(_TABLE.c.kind, _TABLE.c.name, _TABLE.c.session_id)).all()}
    rows = [
        {"kind": kind, "name": name, "session_id": session_id}
        for kind, things in touched.items()
        for name, sessions in things.items()
        for session_id in sessions
        if (kind, name, session_id) not in known
    ]
    told = {"job_id": job_id, "opened_at": hub.stamp(), "due_at": rfc3339(first.due_at), "citation": first.citation, "done_at": ""}
    if rows:
        connection.execute(insert(_TABLE), [{**row, **told} for row in rows])
    return len(rows)


def recalled_from(connection: Connection, dataset_id: str) -> frozenset[str]:
    """Return the sessions that have to leave a dataset version and haven't."""
    wanted = select(_TABLE.c.session_id).where(_TABLE.c.kind == "dataset", _TABLE.c.name == dataset_id, _TABLE.c.done_at == "")
    return frozenset(connection.execute(wanted).scalars())


def recalls(connection: Connection, *, with_done: bool = False) -> list[Recall]:
    """Return what is to be done, what is due first at the head; with what was done if asked for."""
    rows = select(_TABLE).order_by(_TABLE.c.due_at, _TABLE.c.kind, _TABLE.c.name, _TABLE.c.session_id)
    if not with_done:
        rows = rows.where(_TABLE.c.done_at == "")
    found: dict[tuple[RecallKind, str, str], Recall] = {}
    for row in connection.execute(rows).all():
        key = (row.kind, row.name, row.done_at)
        before = found.get(key)
        sessions = (*(before.sessions if before else ()), row.session_id)
        found[key] = Recall(
            kind=row.kind,
            name=row.name,
            sessions=sessions,
            opened_at=row.opened_at,
            due_at=before.due_at if before else row.due_at,
            citation=row.citation,
            done_at=row.done_at,
        )
    return list(found.values())


def close_recalls(hub: Hub, connection: Connection, *, kind: RecallKind, name: str, without: Sequence[str] = ()) -> int:
    """Mark as done what was recalled from one thing, except for sessions that are `without` having left; return how many."""
    open_ones = (_TABLE.c.kind == kind) & (_TABLE.c.name == name) & (_TABLE.c.done_at == "") & _TABLE.c.session_id.not_in(without)
    return connection.execute(update(_TABLE).where(open_ones).values(done_at=hub.stamp())).rowcount


def recall_of(connection: Connection, kind: RecallKind, *, name: str) -> Recall:
    """Return what has to leave one thing.

    Raises:
        UsageError: nothing has to.
    """
    for recall in recalls(connection):
        if (recall.kind, recall.name) == (kind, name):
            return recall
    message = f"nothing is recalled from {kind} {name[:40]}"
    raise UsageError(message, hint="`witting hub recalls` lists what is")


def _first_due(connection: Connection, programme_id: str, *, at: datetime) -> Due:
    """Return the deadline that a withdrawal starts and that ends first."""
    programme = programme_in_force(connection, programme_id).programme
    return deadlines_of(combine(packs_of(programme)).deadlines, "withdrawn", started_at=at, place=programme.jurisdiction)[0]
