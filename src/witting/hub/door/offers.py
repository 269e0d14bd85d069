"""What an invitation opens: the programme and notice in force, and the keys that answers are signed with."""

from witting.hub.consents import programme_in_force
from witting.hub.database import reading
from witting.hub.hub import Hub
from witting.hub.invitations import programme_invited_to
from witting.terms.hub import ProgrammeOffer


def read_offer(hub: Hub, token: str) -> ProgrammeOffer:
    """Return the offer behind an invitation; nothing is written, and a used invitation shows the same.

    Raises:
        UsageError: the hub made no such invitation.
    """
    with reading(hub.engine) as connection:
        record = programme_in_force(connection, programme_invited_to(connection, token))
    return ProgrammeOffer(
        programme=record.programme,
        programme_digest=record.digest,
        notice_markdown=record.notice_markdown,
        notice_digest=record.notice_digest,
        signing_key=hub.keys.signing.public,
        box_key=hub.keys.box.public,
        log_origin=hub.journal.origin,
    )
