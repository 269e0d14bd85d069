"""What the pages show, as values: counts of groups, never of people.

A count stands only where at least the programme's `group_minimum` people are behind it, and then as the multiple of that minimum below it,
so that one person more or less changes nothing to be seen but at the steps. Invariant: nothing here names a participant or session.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, func, select

from witting.hub import schema
from witting.hub.consents import ProgrammeRecord, people_lending, programmes_in_force
from witting.hub.vault import lineage
from witting.terms.programme import Programme
from witting.terms.work import DatasetManifest, ModelCard

TOO_FEW = "too few to show"
_DEFAULT_MINIMUM = 5
_STEP = 1000


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub holds of one programme."""

    programme: Programme  # in force
    people: str  # who lend now
    sessions: str  # stored
    size: str  # of the stored sessions


class DatasetLine(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset version as the page lists it."""

    manifest: DatasetManifest  # what is in it
    sessions: str  # how many count
    people: str  # how many lent them
    replaced_by: str  # the version that replaces it; empty when it counts
    has_left: bool  # a session in it was withdrawn or erased


class ModelLine(msgspec.Struct, frozen=True, kw_only=True):
    """A model as the page lists it."""

    card: ModelCard  # what it learnt from
    sessions: str  # how many count
    replaced_by: str  # the model that replaces it; empty when it counts
    has_left: bool  # a session it learnt from was withdrawn or erased


def at_least(count: int, people: int, *, minimum: int) -> str:
    """Return a count in steps of the minimum, or that there are too few people behind it."""
    if people < minimum:
        return TOO_FEW
    return f"{count // minimum * minimum} or more"


def about(size_bytes: int, people: int, *, minimum: int) -> str:
    """Return a size to one digit, or that there are too few people behind it."""
    if people < minimum:
        return TOO_FEW
    value, unit = float(size_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < _STEP:
            break
        value, unit = value / _STEP, larger
    return f"about {float(f'{value:.1g}'):.0f} {unit}"


def holdings(connection: Connection) -> list[Holding]:
    """Return what the hub holds of each programme in force."""
    return [_holding(connection, record) for record in programmes_in_force(connection)]


def dataset_lines(connection: Connection) -> list[DatasetLine]:
    """Return all dataset versions, newest first."""
    manifests = lineage.manifests(connection)
    minimums = _minimums(connection)
    gone = _gone(connection)
    return [
        DatasetLine(
            manifest=manifest,
            sessions=at_least(len(manifest.sessions), _people(manifest), minimum=minimums.get(manifest.programme_id, _DEFAULT_MINIMUM)),
            people=at_least(_people(manifest), _people(manifest), minimum=minimums.get(manifest.programme_id, _DEFAULT_MINIMUM)),
            replaced_by=next((other.dataset_id for other in manifests if other.replaces == manifest.dataset_id), ""),
            has_left=any(entry.session_id in gone for entry in manifest.sessions),
        )
        for manifest in reversed(manifests)
    ]


def model_lines(connection: Connection) -> list[ModelLine]:
    """Return all models, newest first."""
    cards = lineage.model_cards(connection)
    owners = {entry.session_id: entry.participant for manifest in lineage.manifests(connection) for entry in manifest.sessions}
    minimums = _minimums(connection)
    programme_of = {manifest.dataset_id: manifest.programme_id for manifest in lineage.manifests(connection)}
    gone = _gone(connection)
    return [
        ModelLine(
            card=card,
            sessions=at_least(
                len(card.sessions),
                len({owners.get(session_id, session_id) for session_id in card.sessions}),
                minimum=minimums.get(programme_of.get(card.dataset_id, ""), _DEFAULT_MINIMUM),
            ),
            replaced_by=next((other.model_id for other in cards if other.replaces == card.model_id), ""),
            has_left=not gone.isdisjoint(card.sessions),
        )
        for card in reversed(cards)
    ]


def _holding(connection: Connection, record: ProgrammeRecord) -> Holding:
    programme, table = record.programme, schema.session
    minimum = programme.group_minimum
    people = people_lending(connection, programme.id)
    stored = select(func.count(), func.coalesce(func.sum(table.c.size_bytes), 0), func.count(table.c.participant.distinct())).where(
        table.c.programme_id == programme.id, table.c.state == "stored"
    )
    sessions, size_bytes, owners = connection.execute(stored).one()
    return Holding(
        programme=programme,
        people=at_least(people, people, minimum=minimum),
        sessions=at_least(sessions, owners, minimum=minimum),
        size=about(int(size_bytes), owners, minimum=minimum),
    )


def _people(manifest: DatasetManifest) -> int:
    return len({entry.participant for entry in manifest.sessions})


def _minimums(connection: Connection) -> dict[str, int]:
    return {record.programme.id: record.programme.group_minimum for record in programmes_in_force(connection)}


def _gone(connection: Connection) -> frozenset[str]:
    gone: Sequence[str] = connection.execute(select(schema.session.c.session_id).where(schema.session.c.state != "stored")).scalars().all()
    return frozenset(gone)
