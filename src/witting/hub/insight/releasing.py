"""Making a release: read what is lent for it, cap, blur, charge, write. Once, on its day, for everybody alike.

Nobody asks a question of their own here and nobody sees a figure before the others. Invariant: charge, release and log entry are one
transaction, and in it consent is asked once more: whoever left while sessions were read is in no figure.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, insert

from witting.hub.consents import programme_in_force
from witting.hub.database import reading, writing
from witting.hub.hub import Hub
from witting.hub.insight.budget import DELTA, epsilon_of, plan
from witting.hub.insight.capping import counts, given
from witting.hub.insight.drawing import draw
from witting.hub.insight.figures import figures
from witting.hub.insight.noise import blurred
from witting.hub.insight.standing import KIND, check_account, standing
from witting.hub.insight.tallies import Tally, tally
from witting.hub.journal import Deed
from witting.hub.schema import group_release
from witting.hub.vault.catalogue import group_rows_in_force
from witting.hub.vault.reads import GROUP_READER, begin_read, records_of
from witting.ledger.log.entries import Field
from witting.terms.clock import parse_rfc3339
from witting.terms.errors import NoConsentError, UsageError
from witting.terms.hub import CatalogueRow
from witting.terms.insight import Detail, GroupRelease, GroupStanding
from witting.terms.programme import Programme

Progress = Callable[[int, int], None]


def release(hub: Hub, programme_id: str, *, on_progress: Progress | None = None) -> GroupRelease:
    """Make the next release of a programme's figures and return it.

    Raises:
        UsageError: the hub runs no such programme, its day hasn't come, too few people lend, or the budget is spent. Nothing was read.
        IntegrityError: what was charged isn't what the log says.
    """
    with reading(hub.engine) as connection:
        programme = programme_in_force(connection, programme_id).programme
        check_account(connection, programme_id)
        _check(standing(connection, programme, today=_today(hub)), _today(hub))
        rows = group_rows_in_force(connection, hub.keys.signing.public, programme_id=programme_id, at=hub.now())
    tallies: dict[str, Tally] = {}
    for number, row in enumerate(rows, 1):
        tallies |= _read(hub, row, programme=programme)
        if on_progress is not None:
            on_progress(number, len(rows))
    with writing(hub.engine) as connection:
        return _write(hub, connection, programme_id=programme_id, tallies=tallies)


def _write(hub: Hub, connection: Connection, *, programme_id: str, tallies: Mapping[str, Tally]) -> GroupRelease:
    """Blur, charge and write, as consent and budget stand in this transaction."""
    programme = programme_in_force(connection, programme_id).programme
    have, next_ = check_account(connection, programme_id), standing(connection, programme, today=_today(hub))
    detail = _check(next_, _today(hub))
    rows = group_rows_in_force(connection, hub.keys.signing.public, programme_id=programme_id, at=hub.now())
    made, insight = plan(programme.insight_in_force, detail), programme.insight_in_force
    shown = blurred(counts(given(each, detail) for each in _by_person(rows, tallies)), made)
    spent_nano = have.spent_nano + made.rho_nano
    released = GroupRelease(
        programme_id=programme_id,
        number=have.releases + 1,
        released_on=_today(hub).isoformat(),
        detail=detail,
        smallest=made.smallest,
        off_by=made.off_by,
        epsilon=round(epsilon_of(spent_nano), 3),
        epsilon_in_all=insight.epsilon,
        delta=DELTA,
        releases_in_all=insight.releases,
        figures=figures(shown, made, programme=programme),
    )
    body = msgspec.json.encode(released)
    fields: dict[str, Field] = {"rho_nano": made.rho_nano, "spent_nano": spent_nano, "release_sha256": hashlib.sha256(body).hexdigest()}
    fields |= {"programme_id": programme_id, "number": released.number}
    position = hub.journal.record(connection, Deed(kind=KIND, done_at=hub.stamp(), fields=fields))
    connection.execute(
        insert(group_release).values(
            programme_id=programme_id,
            number=released.number,
            rho_nano=made.rho_nano,
            body=body,
            pictures=msgspec.json.encode(draw(released.figures)),
            position=position,
            released_at=hub.stamp(),
        )
    )
    return released


def _read(hub: Hub, row: CatalogueRow, *, programme: Programme) -> dict[str, Tally]:
    """Return a session's tally by its id; nothing when it was withdrawn meanwhile."""
    try:
        with writing(hub.engine) as connection:
            opened = begin_read(hub, connection, session_id=row.session_id, purpose=None, reader=GROUP_READER)
    except NoConsentError:
        return {}
    return {row.session_id: tally(list(records_of(hub, opened)), programme)}


def _by_person(rows: Sequence[CatalogueRow], tallies: Mapping[str, Tally]) -> list[list[Tally]]:
    """Return the tallies of each person's sessions that are lent still."""
    people: dict[str, list[Tally]] = {}
    for row in rows:
        if row.session_id in tallies:
            people.setdefault(row.participant, []).append(tallies[row.session_id])
    return list(people.values())


def _check(next_: GroupStanding, today: date) -> Detail:
    """Return how much the next release says, if it may be made today."""
    if next_.detail == "nothing":
        raise UsageError(next_.why.rstrip("."), hint="nothing was read and nothing was charged; everybody sees this on the page")
    if today.isoformat() < next_.next_on:
        message = f"the next release is due on {next_.next_on}, not before"
        raise UsageError(message, hint="releases come on fixed days, so that nobody can watch who joins or leaves; nothing was read")
    return next_.detail


def _today(hub: Hub) -> date:
    return parse_rfc3339(hub.stamp()).date()
