"""What was released and charged so far, and what the next release can be: said by public numbers alone.

Invariant: the charges in the table are those in the log, one for one; where they aren't, nothing is released any more.
"""

from datetime import date, timedelta
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from witting.hub.consents import people_lending
from witting.hub.insight.budget import plan, rho_in_all
from witting.hub.journal import DeedKind
from witting.hub.log_store import SqlLogStore
from witting.hub.schema import deed, group_release
from witting.ledger.log.entries import Field, entry_kind, open_entry
from witting.ledger.log.opened import read_opening
from witting.terms.errors import IntegrityError
from witting.terms.insight import GroupRelease, GroupStanding
from witting.terms.programme import Programme

KIND: DeedKind = "insight_released"
ENOUGH = 1.5  # times the smallest count that can be shown: with fewer people than that only the list says something
_PAGE = 1000


class Account(NamedTuple):
    """What was charged to a programme."""

    releases: int
    spent_nano: int  # of rho
    last_on: date | None  # the newest release's day


def account(connection: Connection, programme_id: str) -> Account:
    """Return a programme's account as the table of releases has it."""
    rows = connection.execute(
        select(group_release).where(group_release.c.programme_id == programme_id).order_by(group_release.c.number)
    ).all()
    last = date.fromisoformat(rows[-1].released_at[:10]) if rows else None
    return Account(len(rows), sum(row.rho_nano for row in rows), last)


def check_account(connection: Connection, programme_id: str) -> Account:
    """Return a programme's account after holding it against the log: every entry of a release there has its row here, and says the same.

    Raises:
        IntegrityError: the two differ: a charge was taken out, or the database was put back to an earlier state.
    """
    found = account(connection, programme_id)
    logged = {place: fields for place, fields in _logged(connection).items() if fields["programme_id"] == programme_id}
    rows = connection.execute(select(group_release).where(group_release.c.programme_id == programme_id)).all()
    told = sorted((row.position, row.number, row.rho_nano) for row in rows)
    said = [(place, fields["number"], fields["rho_nano"]) for place, fields in sorted(logged.items())]
    if told != said:
        raise IntegrityError(
            "the releases of figures about groups aren't those in the log", hint="nothing was released; tell whoever holds the witness"
        )
    return found


def standing(connection: Connection, programme: Programme, *, today: date) -> GroupStanding:
    """Return what the next release can be."""
    insight, have = programme.insight_in_force, account(connection, programme.id)
    detail, why, smallest = _possible(connection, programme)
    left = max(0, min(insight.releases - have.releases, (rho_in_all(insight) - have.spent_nano) // plan(insight, "figures").rho_nano))
    next_on = max(programme.starts_on, have.last_on + timedelta(days=insight.every_days) if have.last_on else programme.starts_on)
    if left == 0:
        detail, why = "nothing", "The budget is spent. There will be no further release: more would tell of single people."
    elif max(next_on, today) > programme.ends_on:
        detail, why, left = "nothing", "The programme ends before another release is due.", 0
    return GroupStanding(detail=detail, why=why, next_on=next_on.isoformat() if left else "", smallest=smallest, releases_left=left)


def releases(connection: Connection, programme_id: str) -> list[GroupRelease]:
    """Return a programme's releases, newest first."""
    rows = select(group_release.c.body).where(group_release.c.programme_id == programme_id).order_by(group_release.c.number.desc())
    return [msgspec.json.decode(body, type=GroupRelease) for body in connection.execute(rows).scalars()]


def _possible(connection: Connection, programme: Programme) -> tuple[Literal["figures", "list", "nothing"], str, int]:
    """Return how much can be said of so many people, why, and how many have to share what is shown.

    Of how many lend only what the hub's first page shows everybody is looked at: a number in steps of the minimum.
    """
    insight = programme.insight_in_force
    people = people_lending(connection, programme.id) // insight.group_minimum * insight.group_minimum
    every, listed = plan(insight, "figures").smallest, plan(insight, "list").smallest
    if not programme.group_purposes:
        return "nothing", "This programme asks nobody for figures about groups, so there are none.", listed
    if people < listed:
        why = f"Too few people lend. Blurred so that nobody can be told, a figure shows only what about {listed} people share."
        return "nothing", why, listed
    if people < ENOUGH * every:
        why = f"Few people lend, so only a fixed list can be answered: yes where about {listed} or more share a way, else nothing."
        return "list", why, listed
    return "figures", f"Enough people lend for all figures. What about {every} or more share is shown.", every


def _logged(connection: Connection) -> dict[int, dict[str, Field]]:
    """Return what the log's entries of releases say, by their place; each is opened and checked.

    Raises:
        IntegrityError: one can't be opened any more, or says something else.
    """
    store = SqlLogStore(connection)
    found: dict[int, dict[str, Field]] = {}
    for first in range(0, store.size(), _PAGE):
        for place, entry in enumerate(store.entries(first, _PAGE), first):
            if entry_kind(entry) != KIND:
                continue
            opening = connection.execute(select(deed.c.opening).where(deed.c.position == place)).scalar()
            opened = read_opening(opening or b"")
            open_entry(entry, opened.fields, salt=bytes.fromhex(opened.salt))
            found[place] = dict(opened.fields)
    return found
