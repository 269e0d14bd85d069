"""Programmes on the hub: each version with its notice as people read it; one version in force at a time.

Invariant: a version, once added, never changes; a newer one replaces it and stops all recording until people are asked again.
"""

from sqlalchemy import insert, select, update

from witting.consent.notice import make_notice
from witting.consent.programme import programme_digest
from witting.hub import schema
from witting.hub.consents import ProgrammeRecord, programmes_in_force
from witting.hub.database import writing
from witting.hub.hub import Hub
from witting.hub.journal import Deed
from witting.ledger.keys import canonical
from witting.ledger.log.entries import Field
from witting.terms.errors import ProgrammeError
from witting.terms.programme import Programme


def add_programme(hub: Hub, programme: Programme) -> ProgrammeRecord:
    """Put a version of a programme into force and return it with its notice; the version in force again changes nothing.

    Raises:
        ProgrammeError: something people must be told is missing, or the version isn't newer than the one in force.
    """
    notice, digest = make_notice(programme), programme_digest(programme)
    record = ProgrammeRecord(programme=programme, digest=digest, notice_markdown=notice.markdown, notice_digest=notice.digest)
    table = schema.programme
    with writing(hub.engine) as connection:
        if digest in {known.digest for known in programmes_in_force(connection, programme.id)}:
            return record
        newest = (
            connection.execute(select(table.c.version).where(table.c.programme_id == programme.id).order_by(table.c.version.desc()))
            .scalars()
            .first()
        )
        if newest is not None and programme.version <= newest:
            message = f"`version` is {programme.version}, but the hub has version {newest} of this programme"
            raise ProgrammeError(message, hint="a changed programme needs a higher version; people are asked again")
        connection.execute(update(table).where(table.c.programme_id == programme.id).values(is_in_force=False))
        connection.execute(
            insert(table).values(
                programme_digest=digest,
                programme_id=programme.id,
                version=programme.version,
                body=canonical(programme),
                notice_markdown=notice.markdown,
                notice_digest=notice.digest,
                is_in_force=True,
                added_at=hub.stamp(),
            )
        )
        fields: dict[str, Field] = {"programme_digest": digest, "notice_digest": notice.digest, "version": programme.version}
        hub.journal.record(connection, Deed(kind="programme_created", done_at=hub.stamp(), fields=fields))
    return record
