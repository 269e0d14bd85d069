"""What anybody may see: the releases as they were made, their pictures, their entries in the log, and how the next one stands.

Invariant: the same answer whoever asks; nothing is counted here.
"""

import msgspec
from sqlalchemy import select

from witting.hub.consents import programme_in_force
from witting.hub.database import reading
from witting.hub.hub import Hub
from witting.hub.insight.standing import standing
from witting.hub.schema import group_release
from witting.terms.clock import parse_rfc3339
from witting.terms.errors import UsageError
from witting.terms.insight import InsightShown, ReleaseShown


def show(hub: Hub, programme_id: str) -> InsightShown:
    """Return everything about groups of one programme.

    Raises:
        UsageError: the hub runs no programme of that id.
    """
    with reading(hub.engine) as connection:
        programme = programme_in_force(connection, programme_id).programme
        rows = select(group_release).where(group_release.c.programme_id == programme_id).order_by(group_release.c.number.desc())
        made = tuple(
            ReleaseShown(
                release=bytes(row.body),
                pictures=msgspec.json.decode(row.pictures, type=dict[str, str]),
                proof=hub.journal.prove(connection, row.position, is_opened=True),
            )
            for row in connection.execute(rows).all()
        )
        next_ = standing(connection, programme, today=parse_rfc3339(hub.stamp()).date())
    return InsightShown(programme_id=programme_id, standing=next_, releases=made)


def picture(hub: Hub, programme_id: str, *, number: int, kind: str) -> str:
    """Return one picture of a release as SVG.

    Raises:
        UsageError: there is none.
    """
    with reading(hub.engine) as connection:
        one = (group_release.c.programme_id == programme_id) & (group_release.c.number == number)
        found = connection.execute(select(group_release.c.pictures).where(one)).scalar()
    pictures = msgspec.json.decode(found, type=dict[str, str]) if found is not None else {}
    if kind not in pictures:
        raise UsageError("there is no such picture", hint="the page of group figures shows those that there are")
    return pictures[kind]
